/* Compile and link flags of libpng come from pkg-config; see CPNG for the calls. */
