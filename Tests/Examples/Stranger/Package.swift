// swift-tools-version: 6.1
// A package of somebody else, which depends on the library as a stranger would.

import PackageDescription

let lockstep: [Target.Dependency] = [
  .product(name: "Lockstep", package: "Lockstep"), .product(name: "LockstepMPI", package: "Lockstep"),
]
let package = Package(
  name: "Stranger",
  dependencies: [.package(name: "Lockstep", path: "../../..")],
  targets: ["rings", "layer", "kinds", "descent", "traffic"].map {
    .executableTarget(name: $0, dependencies: lockstep)
  },
  swiftLanguageModes: [.v6]
)
