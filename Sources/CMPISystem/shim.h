/* Compile and link flags of MPI come from pkg-config; see CMPI for the calls. */
