// Ranks over MPI, for a program of one's own: `withMPI` makes the world that a run trains in.

@_exported import MPICommunication
