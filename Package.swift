// swift-tools-version: 6.1
// Each floor imports only floors below it, and what Tests/FloorsTests names of its own; the table there is the one that
// holds, and the targets stand in its order.

import PackageDescription

/// The MPI library that the programs are linked with: Open MPI, or with LOCKSTEP_MPI=mpich in the environment MPICH.
let mpi = Context.environment["LOCKSTEP_MPI"] ?? "openmpi"
let isMPICH = mpi == "mpich"
precondition(isMPICH || mpi == "openmpi", "LOCKSTEP_MPI: expected openmpi or mpich, found \(mpi)")

let package = Package(
  name: "Lockstep",
  products: [
    .executable(name: "lockstep", targets: ["LockstepCommand"]),
    .library(name: "Lockstep", targets: ["Lockstep"]),
    .library(name: "LockstepMPI", targets: ["LockstepMPI"]),
  ],
  // One for both: with several, the order of their conditions on a compiler's command line is by chance, so that every other
  // build would compile everything again (SwiftPM 6.3).
  traits: [
    .trait(
      name: "ExternalTables", description: "Reads tables from HDF5 files, by libhdf5, and from PostgreSQL, by libpq"),
    .default(enabledTraits: ["ExternalTables"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
  ],
  targets: [
    // Floor 0: C libraries of the system, and thin shims over them.
    .systemLibrary(
      name: "CMPISystem", pkgConfig: isMPICH ? "mpich" : "ompi-c",
      providers: [.apt([isMPICH ? "libmpich-dev" : "libopenmpi-dev"])]),
    .target(name: "CMPI", dependencies: ["CMPISystem"]),
    .systemLibrary(name: "CCryptoSystem", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CZlibSystem", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CSnappySystem", pkgConfig: "snappy", providers: [.apt(["libsnappy-dev"])]),
    .systemLibrary(name: "CZstdSystem", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(name: "CLZ4System", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
    .systemLibrary(name: "CBrotliSystem", pkgConfig: "libbrotlidec", providers: [.apt(["libbrotli-dev"])]),
    .systemLibrary(name: "CSQLiteSystem", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CPostgreSQLSystem", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(name: "CHDF5System", pkgConfig: "hdf5-serial", providers: [.apt(["libhdf5-dev"])]),
    .systemLibrary(name: "CJPEGSystem", pkgConfig: "libjpeg", providers: [.apt(["libjpeg62-turbo-dev"])]),
    .target(name: "CJPEG", dependencies: ["CJPEGSystem"]),
    .systemLibrary(name: "CPNGSystem", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .target(name: "CPNG", dependencies: ["CPNGSystem"]),
    .systemLibrary(
      name: "CSentencePieceSystem", pkgConfig: "sentencepiece", providers: [.apt(["libsentencepiece-dev"])]),
    .target(name: "CSentencePiece", dependencies: ["CSentencePieceSystem"]),
    .systemLibrary(name: "CSndFileSystem", pkgConfig: "sndfile", providers: [.apt(["libsndfile1-dev"])]),
    .target(name: "CKernels"),
    .target(name: "CTables"),
    .target(name: "CSpawn"),
    // Replaces malloc, and so belongs into executables alone.
    .target(name: "CAllocations"),
    // Runs before everything else in a process, and belongs into one executable alone.
    .target(name: "CStart"),

    // Floor 1: words that everything above speaks; files, the host, floats and their places.
    .target(name: "Diagnostics"),
    .target(name: "Files", dependencies: ["CZlibSystem", "CZstdSystem", "Diagnostics", "Host", "Tensors"]),
    .target(name: "Host", dependencies: ["CKernels", "Diagnostics"]),
    .target(name: "Tensors", dependencies: ["CCryptoSystem", "CKernels", "Diagnostics"]),

    // Floor 2: traffic, arithmetic, settings, data.
    .target(name: "Communication", dependencies: ["Diagnostics"]),
    .target(name: "MPICommunication", dependencies: ["CMPI", "Communication", "Diagnostics", "Host"]),
    .target(name: "Kernels", dependencies: ["CKernels", "Tensors"]),
    .target(name: "Configuration", dependencies: ["Diagnostics", .product(name: "Yams", package: "Yams")]),
    .target(name: "Tables", dependencies: ["CTables", "CZlibSystem", "Diagnostics", "Files"]),
    .target(
      name: "Parquet",
      dependencies: [
        "CBrotliSystem", "CLZ4System", "CSnappySystem", "CZlibSystem", "CZstdSystem", "Diagnostics", "Files", "Host",
        "Tables",
      ]),
    // What a build is to do without is left out by a trait; its kind of table stays, and says so.
    .target(
      name: "Databases",
      dependencies: [
        "CSQLiteSystem", "Diagnostics", "Files", "Tables",
        .byName(name: "CPostgreSQLSystem", condition: .when(traits: ["ExternalTables"])),
        .byName(name: "CHDF5System", condition: .when(traits: ["ExternalTables"])),
      ]),
    .target(name: "Pictures", dependencies: ["CJPEG", "CKernels", "CPNG", "Diagnostics", "Tensors"]),
    .target(name: "Sounds", dependencies: ["CKernels", "CSndFileSystem", "Diagnostics", "Files"]),
    .target(
      name: "Datasets",
      dependencies: ["CKernels", "CSentencePiece", "Diagnostics", "Files", "Host", "Tables", "Tensors"]),

    // Floor 3: the doors, a target a role; and how gradients are added.
    .target(
      name: "Formats", dependencies: ["Configuration", "Databases", "Diagnostics", "Files", "Parquet", "Tables"]),
    .target(
      name: "Preparation",
      dependencies: [
        "Configuration", "Datasets", "Diagnostics", "Files", "Formats", "Host", "Pictures", "Sounds", "Tables",
        "Tensors",
      ]),
    .target(
      name: "Sources",
      dependencies: [
        "Configuration", "Datasets", "Diagnostics", "Files", "Formats", "Host", "Pictures", "Preparation", "Tables",
        "Tensors",
      ]),
    .target(name: "Transforms", dependencies: ["Configuration", "Datasets", "Diagnostics", "Tensors"]),
    .target(
      name: "Augmentations", dependencies: ["CKernels", "Configuration", "Datasets", "Diagnostics", "Tensors"]),
    .target(name: "Layers", dependencies: ["Configuration", "Diagnostics", "Kernels", "Tensors"]),
    .target(name: "Losses", dependencies: ["Configuration", "Kernels", "Tensors"]),
    .target(name: "Optimizers", dependencies: ["Configuration", "Kernels", "Tensors"]),
    .target(name: "Metrics", dependencies: ["Configuration", "Diagnostics", "Tensors"]),
    .target(name: "Judging", dependencies: ["Configuration", "Diagnostics", "Files", "Host", "Metrics", "Tensors"]),
    .target(
      name: "Writers", dependencies: ["Configuration", "Diagnostics", "Files", "Parquet", "Tables", "Tensors"]),
    .target(name: "Reduction", dependencies: ["Communication", "Configuration", "Diagnostics", "Kernels", "Tensors"]),

    // Floor 4: a step, and what is kept of it.
    .target(name: "Checkpoints", dependencies: ["CZlibSystem", "Diagnostics", "Files", "Tensors"]),
    .target(
      name: "Training",
      dependencies: [
        "Augmentations", "Communication", "Configuration", "Datasets", "Diagnostics", "Kernels", "Layers", "Losses",
        "Metrics", "Optimizers", "Reduction", "Tensors",
      ]),

    // Floor 5: runs, what is made of a trained model for other programs, and the library's face.
    .target(
      name: "Exports",
      dependencies: [
        "Checkpoints", "Datasets", "Diagnostics", "Files", "Kernels", "Layers", "Losses", "Preparation", "Tables",
        "Tensors", .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      exclude: ["ONNX/onnx.proto"], resources: [.embedInCode("Python")]),
    .target(
      name: "Lockstep",
      dependencies: [
        "Augmentations", "Checkpoints", "Communication", "Configuration", "Datasets", "Diagnostics", "Exports", "Files",
        "Formats", "Host", "Judging", "Kernels", "Layers", "Losses", "Metrics", "Optimizers", "Pictures", "Preparation",
        "Reduction", "Sounds", "Sources",
        "Tables", "Tensors", "Training", "Transforms", "Writers",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      exclude: ["Run/TensorBoard/events.proto"], resources: [.embedInCode("Recipes")]),
    .target(name: "LockstepMPI", dependencies: ["MPICommunication"]),
    // What runs have come to, as pages.
    .target(
      name: "Reports",
      dependencies: [
        "Augmentations", "CZlibSystem", "Checkpoints", "Communication", "Configuration", "Datasets", "Diagnostics",
        "Files", "Judging", "Lockstep", "Metrics", "Preparation", "Sources", "Tensors", "Training",
      ]),

    // Floor 6: what looks at runs from outside: before them, while they go on, and at their speed.
    .target(
      name: "Doctor", dependencies: ["CKernels", "Communication", "Diagnostics", "Host", "Lockstep"]),
    .target(
      name: "Supervision", dependencies: ["CSpawn", "Checkpoints", "Diagnostics", "Host", "Tensors"],
      swiftSettings: isMPICH ? [.define("LOCKSTEP_MPICH")] : []),
    .target(
      name: "Benchmarks",
      dependencies: [
        "CAllocations", "Diagnostics", "Exports", "Files", "Host", "Kernels", "Layers", "Lockstep", "Supervision",
        "Tensors",
      ],
      resources: [.embedInCode("Models")]),

    // Floor 7: the command line.
    .executableTarget(
      name: "LockstepCommand",
      dependencies: [
        "Benchmarks", "CAllocations", "CStart", "Doctor", "Lockstep", "MPICommunication", "Reports", "Supervision",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // What several test targets share: processes with a deadline; one table of checks for every kind of world.
    .target(name: "TestSupport", dependencies: ["Diagnostics", "Host"], path: "Tests/Support/TestSupport"),
    .target(
      name: "CommunicationChecks", dependencies: ["Communication"], path: "Tests/Support/CommunicationChecks"),
    .executableTarget(
      name: "communication-check",
      dependencies: ["Communication", "CommunicationChecks", "Diagnostics", "MPICommunication"],
      path: "Tests/Support/CommunicationCheck"),

    .executableTarget(
      name: "fuzz-parsers",
      dependencies: [
        "CZlibSystem", "Checkpoints", "Datasets", "Diagnostics", "Files", "Goldens", "Lockstep", "Parquet",
        "Pictures", "Preparation", "Sounds", "Supervision", "Tables", "Tensors",
      ],
      path: "Tests/Support/FuzzParsers"),

    // What programs of one's own look like, built and run by the tests.
    .executableTarget(
      name: "example-network", dependencies: ["Lockstep", "LockstepMPI"], path: "Tests/Examples/Network"),
    .executableTarget(name: "example-layer", dependencies: ["Lockstep", "LockstepMPI"], path: "Tests/Examples/Layer"),
    .executableTarget(name: "example-kinds", dependencies: ["Lockstep", "LockstepMPI"], path: "Tests/Examples/Kinds"),
    .executableTarget(
      name: "example-descent", dependencies: ["Lockstep", "LockstepMPI"], path: "Tests/Examples/Descent"),
    .executableTarget(
      name: "example-traffic", dependencies: ["Lockstep", "LockstepMPI"], path: "Tests/Examples/Traffic"),

    .target(
      name: "TableChecks", dependencies: ["Diagnostics", "Goldens", "Tables"], path: "Tests/Support/TableChecks"),
    .target(name: "Goldens", path: "Tests/Support/Goldens"),
    .target(name: "CKernelsPaths", dependencies: ["CKernels"], path: "Tests/Support/CKernelsPaths"),

    // Reads this file: each target imports what it declares here, and knows the floors below its own alone.
    .testTarget(name: "FloorsTests"),
    .testTarget(name: "TestSupportTests", dependencies: ["TestSupport"]),
    .testTarget(name: "DiagnosticsTests", dependencies: ["Diagnostics"]),
    .testTarget(name: "FilesTests", dependencies: ["CZstdSystem", "Diagnostics", "Files", "Host", "TestSupport"]),
    .testTarget(name: "HostTests", dependencies: ["Diagnostics", "Host"]),
    .testTarget(name: "TensorsTests", dependencies: ["CKernels", "Tensors"]),
    .testTarget(
      name: "ReductionTests", dependencies: ["Communication", "Diagnostics", "Kernels", "Reduction", "Tensors"]),
    .testTarget(
      name: "KernelsTests", dependencies: ["CKernels", "CKernelsPaths", "Kernels", "Tensors", "TestSupport"]),
    .testTarget(
      name: "LayersTests", dependencies: ["Diagnostics", "Goldens", "Kernels", "Layers", "Losses", "Tensors"]),
    .testTarget(
      name: "OptimizersTests", dependencies: ["Configuration", "Goldens", "Kernels", "Optimizers", "Tensors"]),
    .testTarget(
      name: "TrainingTests",
      dependencies: [
        "Augmentations", "Communication", "Configuration", "Datasets", "Diagnostics", "Goldens", "Kernels", "Layers",
        "Losses", "Metrics", "Optimizers", "Reduction", "Tensors", "Training",
      ]),
    .testTarget(
      name: "AugmentationsTests",
      dependencies: [
        "Augmentations", "CKernelsPaths", "Configuration", "Datasets", "Diagnostics", "Goldens", "Tensors",
        "TestSupport",
      ]),
    .testTarget(name: "CommunicationTests", dependencies: ["Communication", "CommunicationChecks", "Diagnostics"]),
    .testTarget(
      name: "MPICommunicationTests",
      dependencies: ["Communication", "Diagnostics", "MPICommunication", "TestSupport", "communication-check"]),
    .testTarget(
      name: "DatasetsTests",
      dependencies: ["CKernels", "CZlibSystem", "Datasets", "Diagnostics", "Files", "Host", "Tensors", "TestSupport"]),
    .testTarget(
      name: "TablesTests",
      dependencies: [
        "Configuration", "Diagnostics", "Files", "Formats", "Goldens", "TableChecks", "Tables", "Tensors",
        "TestSupport",
      ]),
    .testTarget(
      name: "ParquetTests",
      dependencies: [
        "Configuration", "Diagnostics", "Files", "Formats", "Goldens", "Parquet", "Tables", "TestSupport",
      ]),
    .testTarget(
      name: "DatabasesTests",
      dependencies: [
        "CSQLiteSystem", "Configuration", "Databases", "Diagnostics", "Formats", "Goldens", "TableChecks", "Tables",
        "TestSupport",
      ]),
    .testTarget(
      name: "PreparationTests",
      dependencies: ["Configuration", "Files", "Goldens", "Host", "Preparation", "Tables", "Tensors", "TestSupport"]),
    .testTarget(name: "PicturesTests", dependencies: ["Goldens", "Pictures", "Tensors"]),
    .testTarget(
      name: "SoundsTests", dependencies: ["CKernelsPaths", "Files", "Goldens", "Sounds", "Tensors", "TestSupport"]),
    .testTarget(name: "MetricsTests", dependencies: ["Goldens", "Metrics", "Tensors"]),
    .testTarget(
      name: "JudgingTests", dependencies: ["Diagnostics", "Goldens", "Host", "Judging", "Metrics", "Tensors"]),
    .testTarget(
      name: "ExportsTests",
      dependencies: [
        "Configuration", "Diagnostics", "Exports", "Kernels", "Layers", "Losses", "Preparation", "Tensors",
        "TestSupport",
      ]),
    .testTarget(name: "CheckpointsTests", dependencies: ["Checkpoints", "Diagnostics", "Tensors", "TestSupport"]),
    .testTarget(
      name: "SupervisionTests",
      dependencies: ["Checkpoints", "Diagnostics", "Host", "Supervision", "Tensors", "TestSupport"]),
    .testTarget(name: "FuzzTests", dependencies: ["TestSupport", "fuzz-parsers"]),
    .testTarget(name: "ConfigurationTests", dependencies: ["Configuration", "Diagnostics"]),
    .testTarget(
      name: "LockstepTests",
      dependencies: [
        "CSQLiteSystem", "Checkpoints", "Communication", "Configuration", "Datasets", "Diagnostics", "Files", "Goldens",
        "Host", "Judging", "Kernels", "Layers", "Lockstep", "Losses", "Parquet", "Preparation", "Tables", "Tensors",
        "TestSupport",
        "Training", "Transforms", "Writers",
      ]),
    .testTarget(
      name: "ReportsTests",
      dependencies: ["Augmentations", "Diagnostics", "Lockstep", "Reports", "Tensors", "TestSupport"]),
    .testTarget(name: "DoctorTests", dependencies: ["Doctor", "Lockstep"]),
    .testTarget(
      name: "BenchmarksTests",
      dependencies: [
        "Benchmarks", "CAllocations", "Communication", "Diagnostics", "Lockstep", "TestSupport",
      ]),
    .testTarget(
      name: "ExamplesTests",
      dependencies: [
        "TestSupport", "example-descent", "example-kinds", "example-layer", "example-network", "example-traffic",
      ]),
    // The command is built with all tests; that they do not wait for it lets both be compiled at once.
    .testTarget(name: "CommandTests", dependencies: ["Diagnostics", "Host", "TestSupport"]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c11,
  cxxLanguageStandard: .cxx17
)
