/* Compile and link flags of libsndfile come from pkg-config; see SoundFile in Sounds for the calls. */
#include <sndfile.h>
