import Foundation
import Testing

/// The house: every target has its floor, imports what it declares, and declares floors below its own alone.
@Suite struct FloorsTests {
  /// From the bottom up. What is not on a floor is for tests.
  static let floors: [[String]] = [
    [
      "CMPISystem", "CMPI", "CCryptoSystem", "CZlibSystem", "CSnappySystem", "CZstdSystem", "CLZ4System",
      "CBrotliSystem", "CSQLiteSystem", "CPostgreSQLSystem", "CHDF5System", "CJPEGSystem", "CJPEG", "CPNGSystem",
      "CPNG", "CSentencePieceSystem", "CSentencePiece", "CSndFileSystem", "CKernels", "CTables", "CSpawn",
      "CAllocations", "CStart",
    ],
    ["Diagnostics", "Files", "Host", "Tensors"],
    [
      "Communication", "MPICommunication", "Kernels", "Configuration", "Tables", "Parquet", "Databases", "Pictures",
      "Sounds", "Datasets",
    ],
    [
      "Formats", "Preparation", "Sources", "Transforms", "Augmentations", "Layers", "Losses", "Optimizers", "Metrics",
      "Judging",
      "Writers", "Reduction",
    ],
    ["Checkpoints", "Training"],
    ["Exports", "Lockstep", "LockstepMPI", "Reports"],
    ["Doctor", "Supervision", "Benchmarks"],
    ["LockstepCommand"],
  ]

  /// Rooms of one floor that know others of it.
  static let neighbours: [String: Set<String>] = [
    "CMPI": ["CMPISystem"],
    "CJPEG": ["CJPEGSystem"],
    "CPNG": ["CPNGSystem"],
    "CSentencePiece": ["CSentencePieceSystem"],
    "Files": ["Diagnostics", "Host", "Tensors"],
    "Host": ["Diagnostics"],
    "Tensors": ["Diagnostics"],
    "MPICommunication": ["Communication"],
    "Parquet": ["Tables"],
    "Databases": ["Tables"],
    "Datasets": ["Tables"],
    "Preparation": ["Formats"],
    "Sources": ["Formats", "Preparation"],
    "Judging": ["Metrics"],
    "Lockstep": ["Exports"],
    "Reports": ["Lockstep"],
    "Benchmarks": ["Supervision"],
  ]

  /// Products of other packages, each with the rooms that know it.
  static let foreign: [String: Set<String>] = [
    "ArgumentParser": ["LockstepCommand"],
    "SwiftProtobuf": ["Exports", "Lockstep"],
    "Yams": ["Configuration"],
  ]

  /// What comes with the toolchain, and is not declared.
  static let toolchain: Set<String> = [
    "Dispatch", "Foundation", "FoundationEssentials", "FoundationXML", "Glibc", "Musl", "Synchronization", "Testing",
  ]

  private static let root = URL(fileURLWithPath: #filePath).appending(path: "../../..").standardized

  private let package: PackageText

  init() throws {
    package = try PackageText(String(contentsOf: Self.root.appending(path: "Package.swift"), encoding: .utf8))
  }

  @Test func thePackageIsUnderstood() {
    #expect(package.targets.count > 40)
    #expect(package["CMPISystem"]?.kind == .system && package["CommandTests"]?.kind == .test)
    #expect(package["Supervision"]?.dependencies.contains("CSpawn") == true)
    #expect(package["communication-check"]?.path == "Tests/Support/CommunicationCheck")
    #expect(Self.floors.joined().allSatisfy { package[$0] != nil })
  }

  @Test func importsAreDeclared() throws {
    #expect(try Self.undeclared(package, imports: imported) == [])
  }

  @Test func floorsKnowThoseBelow() { #expect(Self.upward(package) == []) }

  /// All but the communicator's own test and what is run under mpirun is built and tested without MPI.
  @Test func messagesHaveOneRoom() {
    #expect(Self.withMPI(package).sorted() == ["LockstepMPI", "MPICommunication", "MPICommunicationTests"])
  }

  /// What the checks say of a package that breaks each rule.
  @Test func offendersAreSeen() throws {
    let offending = try PackageText(
      """
      targets: [
        .target(name: "CMPI"),
        // Floor 1: a comment (with a bracket.
        .target(name: "Tensors", dependencies: ["Kernels", "Diagnostics"]),
        .target(name: "Kernels", dependencies: ["Tensors", .product(name: "Yams", package: "Yams")]),
        .target(name: "Layers", dependencies: ["CMPI", "Optimizers"]),
        .target(name: "Optimizers", dependencies: ["Layers"]),
        .target(name: "Attic", dependencies: []),
        .executableTarget(name: "tool", dependencies: ["Layers"], path: "Tests/Support/Tool"),
        .testTarget(name: "LayersTests", dependencies: ["Layers", "tool"]),
      ]
      """)
    #expect(
      Self.upward(offending) == [
        "Attic has no floor", "Kernels (floor 2) knows Yams", "Layers (floor 3) knows Optimizers (floor 3)",
        "Optimizers (floor 3) knows Layers (floor 3)", "Tensors (floor 1) knows Kernels (floor 2)",
      ])
    #expect(Self.withMPI(offending).sorted() == ["Layers", "LayersTests", "Optimizers"])
    let texts = [
      "Kernels": "@testable import Tensors\n  import CYaml\nimport struct Foundation.URL\nlet important = 1\n",
      "Layers": "package import CMPI\n",
    ]
    let found = Self.undeclared(offending) { target in texts[target.name].map { imports(in: $0) } }
    #expect(
      found == [
        "Kernels declares Yams and does not import it", "Kernels imports CYaml and does not declare it",
        "Layers declares Optimizers and does not import it",
      ])
  }
}

// MARK: - The checks

extension FloorsTests {
  /// The imports of a target; nil where it has no Swift files.
  private func imported(_ target: PackageText.Target) throws -> Set<String>? {
    let found = try imports(in: Self.root.appending(path: target.path))
    return found.isEmpty ? nil : found
  }

  static func undeclared(
    _ package: PackageText, imports: (PackageText.Target) throws -> Set<String>?
  ) rethrows -> [String] {
    try package.targets.flatMap { target -> [String] in
      guard let found = try imports(target)?.subtracting(toolchain) else { return [] }
      // A test has a program built that it runs.
      let declared = target.dependencies.filter { package[$0]?.kind != .executable }
      return declared.subtracting(found).map { "\(target.name) declares \($0) and does not import it" }
        + found.subtracting(target.dependencies).map { "\(target.name) imports \($0) and does not declare it" }
    }.sorted()
  }

  static func upward(_ package: PackageText) -> [String] {
    func floor(_ name: String) -> Int? { floors.firstIndex { $0.contains(name) } }
    return package.targets.flatMap { target -> [String] in
      if target.kind == .test || target.path.hasPrefix("Tests/") { return [] }
      guard let own = floor(target.name) else { return ["\(target.name) has no floor"] }
      return target.dependencies.compactMap { name in
        let isKnown = foreign[name]?.contains(target.name) ?? neighbours[target.name]?.contains(name) ?? false
        if isKnown { return nil }
        guard let below = floor(name) else { return "\(target.name) (floor \(own)) knows \(name)" }
        return below < own ? nil : "\(target.name) (floor \(own)) knows \(name) (floor \(below))"
      }
    }.sorted()
  }

  /// The libraries and tests that are linked with MPI, by whatever way but a program's.
  static func withMPI(_ package: PackageText) -> Set<String> {
    var found: Set<String> = ["CMPI"]
    while true {
      let more = package.targets.filter { $0.kind != .executable && !found.isDisjoint(with: $0.dependencies) }
      let known = found.count
      found.formUnion(more.map(\.name))
      if found.count == known { return found.subtracting(["CMPI"]) }
    }
  }
}
