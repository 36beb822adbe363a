// Nothing for C: the library's headers are C++, and Sources/CSentencePiece includes them. Here stands how to link with it.
