import Tables

/// A column of a file: one of the children of its schema's root.
struct ParquetField {
  let name: String
  /// Its place among the columns of a row group; the first one, where it is nested.
  let leaf: Int
  let content: Content

  enum Content {
    case flat(FlatType)
    /// What cannot be a column of a table, and why.
    case refused(Fault)
  }

  /// For readers of tables; nil where it cannot be read.
  var raw: RawField? {
    guard case .flat(let flat) = content else { return nil }
    return RawField(name, flat.meaning.type)
  }
}

/// What values of a column are, and mean.
struct FlatType {
  let physical: PhysicalType
  /// Bytes of a value; 0: each has its own.
  let width: Int
  /// Whether values may be missing.
  let isOptional: Bool
  let meaning: Meaning
}

extension FileMetadata {
  /// The columns, in the order of the file, and how many leaves there are in all: columns of each row group.
  func fields() throws -> (fields: [ParquetField], leaves: Int) {
    var (fields, place, leaves) = ([ParquetField](), 1, 0)
    for _ in 0..<schema[0].children {
      guard place < schema.count else { throw incomplete }
      let element = schema[place]
      let leaf = leaves
      // The whole of what lies in it: each of the elements waited for may bring others.
      var waiting = 1
      while waiting > 0 {
        guard place < schema.count else { throw incomplete }
        let children = schema[place].children
        if children == 0, schema[place].type != nil { leaves += 1 }
        // No more than there are elements left.
        guard children <= schema.count - place else { throw incomplete }
        waiting += children - 1
        place += 1
      }
      fields.append(ParquetField(name: element.name, leaf: leaf, content: Self.content(element)))
    }
    guard place == schema.count else {
      throw Fault("expected \(place - 1) columns and groups in its schema, found \(schema.count - 1)")
    }
    return (fields, leaves)
  }

  private var incomplete: Fault {
    Fault("expected all columns of its schema, found \(schema.count - 1) elements alone")
  }

  private static func content(_ element: SchemaElement) -> ParquetField.Content {
    let nested: String? =
      if element.children > 0 || element.type == nil {
        element.annotation == .list ? "a list" : element.annotation == .map ? "a map" : "a group of columns"
      } else {
        element.repetition == .repeated ? "a list" : nil
      }
    do {
      if let nested {
        throw Fault("expected one value a row, found \(nested)", cure: "leave it out of the columns, or flatten it")
      }
      guard let number = element.type, let type = PhysicalType(rawValue: number) else {
        throw Fault("expected a type from 0 to 7, found \(element.type ?? -1)")
      }
      guard type != .fixedBytes || element.length > 0 else {
        throw Fault("expected values of 1 byte at least, found \(element.length)")
      }
      return .flat(
        FlatType(
          physical: type, width: type.width(element.length), isOptional: element.repetition == .optional,
          meaning: try Meaning(type, length: element.length, element.annotation)))
    } catch let fault as Fault {
      return .refused(fault)
    } catch {
      return .refused(Fault("\(error)"))
    }
  }
}
