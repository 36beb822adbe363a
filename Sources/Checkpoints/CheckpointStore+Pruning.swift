import Diagnostics
import Files

/// What becomes of the older checkpoints once a new one is safe.
///
/// ```
/// step-00000500   whole        the new one, with keeping: 3
/// step-00000400   damaged      set aside as step-00000400.damaged
/// step-00000300   whole        stays
/// step-00000200   unreadable   stays, and counts for none
/// step-00000100   whole        stays
/// step-00000050   not read     deleted
/// ```
extension CheckpointStore {
  /// What is known of a checkpoint.
  private enum Condition {
    case whole
    case damaged(Failure)
    /// It cannot be read, which is no damage.
    case unreadable
  }

  /// Deletes what the new checkpoint made superfluous; failures are returned, as the new one is safe already.
  ///
  /// Only whole ones count as kept: what this store neither saved nor verified before is read through.
  func prune(newest step: Int, best: Int? = nil) -> (undeleted: [Failure], setAside: [SetAside]) {
    var (failures, damaged): ([Failure], [SetAside]) = ([], [])
    func attempt(_ body: () throws -> Void) {
      do { try body() } catch let failure as Failure { failures.append(failure) } catch {}
    }
    attempt {
      let replaced = Self.path(ofStep: step, in: directory) + CheckpointName.replacedSuffix
      if exists(replaced) { try delete(replaced) }
    }
    attempt {
      // Later steps, from before a run was taken up again at an earlier one, are not counted and not touched.
      // Nor is step 0, which is there only where somebody asked for it, and the best epoch, which the run may come to.
      let older = try Checkpoint.candidates(in: directory).filter {
        0 < $0.step && $0.step < step && $0.step != best
      }
      var kept = 1
      for (path, step) in older {
        if kept < keeping {
          switch condition(of: path, step: step) {
          case .whole: kept += 1
          case .damaged(let failure): attempt { damaged.append(try setAside(path, failure)) }
          case .unreadable: continue
          }
        } else if Checkpoint.denial(at: path) == nil {
          attempt { try delete(path) }
        }
      }
    }
    return (failures, damaged)
  }

  private func condition(of path: String, step: Int) -> Condition {
    if whole.withLock({ $0.contains(path) }) { return .whole }
    guard Checkpoint.denial(at: path) == nil else { return .unreadable }
    do {
      _ = try Checkpoint(verifying: path, ofStep: step)
      whole.withLock { _ = $0.insert(path) }
      return .whole
    } catch let failure as Failure where failure.code != .inputOutput && !RunRecord.isOfAnotherVersion(failure) {
      return .damaged(failure)
    } catch {
      // A disk or a network that gives nothing at the moment, or another version's format, says nothing of what is there.
      return .unreadable
    }
  }

  /// Gives a damaged checkpoint a name under which it is none, in place of a former one that has this name.
  private func setAside(_ path: String, _ failure: Failure) throws -> SetAside {
    let place = CheckpointName.damaged(path)
    if exists(place) { try delete(place) }
    try rename(path, to: place)
    return SetAside(path: path, place: place, reason: failure.description)
  }
}
