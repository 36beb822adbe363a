import Datasets
import Diagnostics
import Tensors
import Testing

@Suite final class TextTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func samples(_ dataset: Dataset) -> (tokens: [Float], next: [Int32]) {
    let places = Array(0..<dataset.count)
    let tokens = FlatBuffer(count: dataset.count * dataset.shape.count)
    var next = [Int32](repeating: -1, count: tokens.count)
    places.withUnsafeBufferPointer { places in
      dataset.gather(places, into: tokens.view)
      next.withUnsafeMutableBufferPointer { dataset.gatherClasses(places, into: $0) }
    }
    return (tokens.view.array, next)
  }

  @Test func windowsAndTheTokensThatFollow() throws {
    let path = try folder.write("cabbage é\n")
    let dataset = try Dataset.text(path, TextSettings(unit: .characters, length: 4), part: .all)
    #expect(dataset.classNames == ["\n", " ", "a", "b", "c", "e", "g", "é"])
    #expect((dataset.count, dataset.shape, dataset.classesPerSample) == (2, [4], 4))
    let (tokens, next) = samples(dataset)
    #expect(tokens == [4, 2, 3, 3, 2, 6, 5, 1])
    #expect(next == [2, 3, 3, 2, 6, 5, 1, 7])
    let vocabulary = Vocabulary(unit: .characters, names: try #require(dataset.classNames))
    #expect(vocabulary.text(of: tokens.map { Int32($0) }) == "cabbage ")
    #expect(try vocabulary.tokens(of: "bee") == [3, 5, 5])
  }

  /// Ten tokens: windows of three and the one behind them start at 0, 2, 4 and 6.
  @Test func windowsOverlapWhereTheStrideIsShort() throws {
    let path = try folder.write(0..<10 as Range<UInt8>)
    let dataset = try Dataset.text(path, TextSettings(unit: .bytes, length: 3, stride: 2), part: .all)
    #expect(dataset.count == 4 && dataset.classNames?.count == 256)
    let (tokens, next) = samples(dataset)
    #expect(tokens == [0, 1, 2, 2, 3, 4, 4, 5, 6, 6, 7, 8])
    #expect(next == [1, 2, 3, 3, 4, 5, 5, 6, 7, 7, 8, 9])
  }

  @Test func theTestShareIsTheEndAndHasTheSameVocabulary() throws {
    let path = try folder.write("abcdefghijklmnopqrst")
    let settings = TextSettings(unit: .characters, length: 2, vocabulary: 24, testShare: 0.25)
    let train = try Dataset.text(path, settings, part: .train)
    let test = try Dataset.text(path, settings, part: .test, names: train.classNames)
    #expect(train.classNames?.count == 24 && train.classNames == test.classNames)
    #expect(train.classNames?.suffix(2) == ["unused 22", "unused 23"])
    #expect((train.count, test.count) == (7, 2), "15 and 5 tokens")
    #expect(samples(test).tokens == [15, 16, 17, 18])
    #expect(train.checksum != test.checksum)
  }

  @Test func mistakesAreNamed() throws {
    let path = try folder.write(gzip(Array("abc\nabé".utf8)))
    func failure(_ settings: TextSettings, names: [String]? = nil) -> String {
      do {
        _ = try Dataset.text(path, settings, part: .all, names: names)
        return "none"
      } catch { return error.description }
    }
    #expect(failure(TextSettings(unit: .characters, length: 2)) == "none")
    #expect(
      failure(TextSettings(unit: .characters, length: 7)).contains("expected more than 7 characters, found 7"))
    #expect(
      failure(TextSettings(unit: .characters, length: 2, vocabulary: 4)).contains(
        "expected at most 4 different characters, found 5"))
    #expect(
      failure(TextSettings(unit: .characters, length: 2), names: ["\n", "a", "b", "c"]).contains(
        "expected characters of the training text, found U+E9 (é) in line 2"))
    let other = try folder.write([0x61, 0xff, 0x62])
    #expect(throws: Failure.self) {
      try Dataset.text(other, TextSettings(unit: .characters, length: 1), part: .all)
    }
    #expect(try Dataset.text(other, TextSettings(unit: .bytes, length: 1), part: .all).count == 2)
    #expect(throws: Failure.self) {
      try Dataset.text("/nowhere", TextSettings(unit: .bytes, length: 1), part: .all)
    }
  }
}
