import CYaml

/// Walks through YAML text before Yams makes a tree of it, and finds what would make the tree slow to make.
///
/// Yams compares the keys of a mapping, hence whole subtrees where keys are mappings or lists: a kilobyte of nested keys
/// takes it a second. No key of ours is one, so the first ends the walk; so does nesting beyond a limit. The walk takes
/// time and memory in proportion to the text. Yams offers no such walk; its own parser, libyaml, does.
struct ConfigNesting {
  enum Fault: Equatable {
    case tooDeep
    /// A key that is a mapping or a list.
    case key(isMapping: Bool)
  }

  /// The first fault of `text` and its line, from 1; nil where there is none, or where the text is no YAML.
  static func fault(in text: String, maximumDepth: Int) -> (line: Int, fault: Fault)? {
    var text = text
    return text.withUTF8 { bytes in
      var parser = yaml_parser_t()
      guard yaml_parser_initialize(&parser) == 1 else { return nil }
      defer { yaml_parser_delete(&parser) }
      yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
      yaml_parser_set_input_string(&parser, bytes.baseAddress, bytes.count)
      var walk = Walk(maximumDepth: maximumDepth)
      while true {
        var event = yaml_event_t()
        guard yaml_parser_parse(&parser, &event) == 1 else {
          // libyaml has a limit of its own, far beyond ours, and looks ahead of what it has told.
          let isTooDeep = parser.problem.map { String(cString: $0).contains("nesting level") } ?? false
          return isTooDeep ? (parser.problem_mark.line + 1, .tooDeep) : nil
        }
        defer { yaml_event_delete(&event) }
        if event.type == YAML_STREAM_END_EVENT { return nil }
        if let fault = walk.enter(event.type) { return (event.start_mark.line + 1, fault) }
      }
    }
  }

  /// Where the walk is.
  private struct Walk {
    let maximumDepth: Int
    /// The open collections; of a mapping, whether a key comes next.
    private var open: [(isMapping: Bool, wantsKey: Bool)] = []

    init(maximumDepth: Int) { self.maximumDepth = maximumDepth }

    mutating func enter(_ event: yaml_event_type_t) -> Fault? {
      switch event {
      case YAML_SCALAR_EVENT, YAML_ALIAS_EVENT: endNode()
      case YAML_SEQUENCE_START_EVENT, YAML_MAPPING_START_EVENT:
        let isMapping = event == YAML_MAPPING_START_EVENT
        if open.last?.wantsKey == true { return .key(isMapping: isMapping) }
        open.append((isMapping, isMapping))
        if open.count > maximumDepth { return .tooDeep }
      case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT:
        open.removeLast()
        endNode()
      default: break
      }
      return nil
    }

    private mutating func endNode() {
      guard let last = open.indices.last, open[last].isMapping else { return }
      open[last].wantsKey.toggle()
    }
  }
}
