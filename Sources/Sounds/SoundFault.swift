import Diagnostics

/// Why bytes are no sound that can be used.
package typealias SoundFault = FileFault
