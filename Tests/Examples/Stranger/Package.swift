// swift-tools-version: 6.1
// A package of somebody else, which depends on the library as a stranger would.

import PackageDescription

let package = Package(
  name: "Stranger",
  dependencies: [.package(name: "Lockstep", path: "../../..")],
  targets: [
    .executableTarget(
      name: "rings",
      dependencies: [
        .product(name: "Lockstep", package: "Lockstep"), .product(name: "LockstepMPI", package: "Lockstep"),
      ])
  ],
  swiftLanguageModes: [.v6]
)
