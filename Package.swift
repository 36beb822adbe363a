// swift-tools-version: 6.1
// Each floor imports only floors below it; see the table in README.md.

import PackageDescription

let package = Package(
  name: "Lockstep",
  products: [
    .executable(name: "lockstep", targets: ["LockstepCommand"]),
    .library(name: "Lockstep", targets: ["Lockstep"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
  ],
  targets: [
    // Floor 0: C libraries of the system, and thin shims over them.
    .systemLibrary(name: "CMPISystem", pkgConfig: "ompi-c", providers: [.apt(["libopenmpi-dev"])]),
    .target(name: "CMPI", dependencies: ["CMPISystem"]),
    .systemLibrary(name: "COneDNNSystem", providers: [.apt(["libdnnl-dev"])]),
    .target(name: "COneDNN", dependencies: ["COneDNNSystem"]),
    .systemLibrary(name: "CZlibSystem", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "CKernels"),

    // Floor 1: words that everything above speaks.
    .target(name: "Diagnostics"),
    .target(
      name: "Tensors",
      dependencies: ["CKernels", "Diagnostics", .product(name: "Crypto", package: "swift-crypto")]),
    .target(name: "Communication", dependencies: ["Diagnostics"]),

    // Floor 2: traffic, arithmetic, data.
    .target(name: "MPICommunication", dependencies: ["CMPI", "Communication", "Diagnostics"]),
    .target(name: "Kernels", dependencies: ["CKernels", "COneDNN", "Tensors"]),
    .target(name: "Reduction", dependencies: ["Communication", "Kernels", "Tensors"]),
    .target(name: "Datasets", dependencies: ["CZlibSystem", "Diagnostics", "Kernels", "Tensors"]),
    .target(name: "Configuration", dependencies: ["Diagnostics", .product(name: "Yams", package: "Yams")]),

    // Floor 3: learning.
    .target(name: "Layers", dependencies: ["Diagnostics", "Kernels", "Tensors"]),
    .target(name: "Optimizers", dependencies: ["Diagnostics", "Kernels", "Tensors"]),
    .target(name: "Metrics", dependencies: ["Diagnostics", "Tensors"]),

    // Floor 4: runs.
    .target(
      name: "Checkpoints",
      dependencies: ["Diagnostics", "Tensors", .product(name: "Crypto", package: "swift-crypto")]),
    .target(
      name: "Training",
      dependencies: [
        "Communication", "Datasets", "Diagnostics", "Kernels", "Layers", "Metrics", "Optimizers", "Reduction",
        "Tensors",
      ]),

    // Floor 5: the library's face.
    .target(
      name: "Lockstep",
      dependencies: [
        "Checkpoints", "Communication", "Configuration", "Datasets", "Diagnostics", "Kernels", "Layers", "Metrics",
        "Optimizers", "Reduction", "Tensors", "Training",
      ],
      resources: [.copy("Recipes")]),

    // Floor 6: the command line.
    .executableTarget(
      name: "LockstepCommand",
      dependencies: [
        "Lockstep", "MPICommunication", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    .testTarget(name: "TensorsTests", dependencies: ["Tensors"]),
    .testTarget(name: "CommunicationTests", dependencies: ["Communication"]),
    .testTarget(name: "DatasetsTests", dependencies: ["Datasets"]),
    .testTarget(name: "MetricsTests", dependencies: ["Metrics"]),
    .testTarget(name: "CheckpointsTests", dependencies: ["Checkpoints"]),
    .testTarget(name: "ConfigurationTests", dependencies: ["Configuration"]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c11
)
