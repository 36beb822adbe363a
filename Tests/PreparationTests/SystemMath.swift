import Glibc

// The platform's functions, apart from the module's own of like names.
func _sin(_ x: Double) -> Double { sin(x) }
func _cos(_ x: Double) -> Double { cos(x) }
func _log1p(_ x: Double) -> Double { log1p(x) }
func _pow2(_ exponent: Int) -> Double { scalbn(1, Int32(exponent)) }
