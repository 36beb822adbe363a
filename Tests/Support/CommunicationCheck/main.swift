// A job for the tests to start under mpirun: communication-check WHAT [ARGUMENT].
//
//   collectives LIMIT   the table of checks; MPI sees no count or displacement above LIMIT
//   throw RANK          this rank throws (65) while the others wait in a barrier
//   fault RANK          the same with an error that is no Failure (70)
//   mpi-error           every rank calls MPI with a wrong argument (69)
//   agree RANK          this rank fails inside of `agree` (66)
//   leave RANK          all ranks end for this one's failure (65), while an exchange is under way into memory that goes
//   return CODE         all ranks return CODE
//   hosts               prints each rank's host, and its place among the ranks it shares memory with
//   yield               prints whether idle ranks give up their core
//   alone               prints the size of the world

import Communication
import CommunicationChecks
import Diagnostics
import Foundation
import MPICommunication

struct Fault: Error {}

let what = CommandLine.arguments.dropFirst().first ?? ""
let number = CommandLine.arguments.dropFirst(2).first.flatMap { Int($0) } ?? 0

func job(_ world: any Communicator) throws -> Int32 {
  switch what {
  case "collectives":
    let count = try checkCollectives(of: world, rounds: 20, seed: 20_240_229)
    try world.barrier()
    if world.rank == 0 { print("\(count) checks passed on \(world.size) ranks") }
  case "throw":
    if world.rank == number {
      throw Failure(.badData, at: "data.csv:12", "expected 5 columns, found 4", cure: "complete the row")
    }
    try world.barrier()
  case "fault":
    if world.rank == number { throw Fault() }
    try world.barrier()
  case "mpi-error":
    var byte: UInt8 = 0
    try withUnsafeMutableBytes(of: &byte) { try world.broadcast($0, root: world.size) }
  case "agree":
    try world.agree {
      if world.rank >= number { throw Failure(.missingInput, at: "part-\(world.rank).csv", "no such file") }
    }
  case "leave":
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 8 << 20, alignment: 64)
    defer { memory.deallocate() }
    memory.initializeMemory(as: UInt8.self, repeating: 0)
    let (half, peer) = (memory.count / 2, (world.rank + 1) % world.size)
    let ranges = (0..<world.size).map { $0 == peer && world.rank < number ? 0..<half : 0..<0 }
    try world.makeAllToAll().start(
      send: UnsafeRawBufferPointer(memory), sendRanges: ranges,
      receive: UnsafeMutableRawBufferPointer(rebasing: memory[half...]), receiveRanges: ranges)
    let hosts = try world.allGather(world.host)
    throw CollectiveFailure(rank: number, host: hosts[number], failure: Failure(.badData, at: "step 3", "no number"))
  case "return":
    return Int32(number)
  case "hosts":
    let shared = try world.shareMemory(byteCount: 8) != nil
    let places = try world.allGather("\(world.host): \(world.hostRank) of \(world.hostSize), shared: \(shared)")
    if world.rank == 0 { print(places.joined(separator: "\n")) }
  case "yield":
    let own = getenv("OMPI_MCA_mpi_yield_when_idle").map { String(cString: $0) } ?? "unset"
    let settings = try world.allGather(own)
    if world.rank == 0 { print(settings.joined(separator: " ")) }
  case "alone":
    print("world of size \(world.size)")
  default:
    throw Failure(.usage, "unknown job '\(what)'")
  }
  return 0
}

let code = what == "collectives" ? withMPI(limit: number, job) : withMPI(job)
if what == "leave" { print("MPI was ended in order") }
exit(code)
