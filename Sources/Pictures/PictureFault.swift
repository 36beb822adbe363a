import Diagnostics

/// Why bytes are no picture that can be used.
package typealias PictureFault = FileFault
