/* Compile and link flags of libjpeg-turbo come from pkg-config; see CJPEG for the calls. */
