/* MPI as Swift sees it: opaque handles, bytes and error codes.
 *
 * Every function is named CMPI_ + MPI's name and returns MPI's error code, CMPI_SUCCESS or another. No error is fatal
 * inside MPI once CMPI_Init_thread has returned. Handles are pointers to our own structs, because one MPI defines
 * MPI_Comm as a pointer and another as an integer. */
#pragma once

#include <stdbool.h>

enum { CMPI_SUCCESS = 0 };

typedef struct CMPI_Comm CMPI_Comm;
typedef struct CMPI_Requests CMPI_Requests;
typedef struct CMPI_Win CMPI_Win;

/* Begin and end. ---------------------------------------------------------------------------------------------------*/

/* Asks for MPI_THREAD_FUNNELED and makes MPI return errors on the world and on itself; says whether it was granted. */
int CMPI_Init_thread(bool *is_funneled);
/* May be called at any time; true from MPI_Init on, after MPI_Finalize too. */
int CMPI_Initialized(bool *is_initialized);
int CMPI_Finalize(void);
int CMPI_Abort(const CMPI_Comm *comm, int code);

/* Who and where. Texts are cut to `capacity` bytes, the closing zero included. -------------------------------------*/

/* The world; valid between CMPI_Init_thread and CMPI_Finalize, never freed. */
const CMPI_Comm *CMPI_Comm_world(void);
int CMPI_Comm_rank(const CMPI_Comm *comm, int *rank);
int CMPI_Comm_size(const CMPI_Comm *comm, int *size);
/* The ranks that share memory with this one, in the order of their ranks in `comm`; end with CMPI_Comm_free. */
int CMPI_Comm_split_type_shared(const CMPI_Comm *comm, CMPI_Comm **shared);
int CMPI_Comm_free(CMPI_Comm *comm);
int CMPI_Get_processor_name(char *name, int capacity);
int CMPI_Get_library_version(char *version, int capacity);
/* The value of one of the library's control variables as text: a number that has a name by its name. Empty where the
 * library has none of that name. From CMPI_Init_thread on. */
int CMPI_T_cvar_read(const char *name, char *text, int capacity);
/* Fails, instead of ending the process, before CMPI_Init_thread and after CMPI_Finalize. */
int CMPI_Error_string(int code, char *message, int capacity);

/* Collectives; counts and displacements in bytes. ------------------------------------------------------------------*/

int CMPI_Barrier(const CMPI_Comm *comm);
int CMPI_Bcast(void *buffer, int count, int root, const CMPI_Comm *comm);
/* In place: this rank's part already lies at its displacement. */
int CMPI_Allgatherv(void *buffer, const int counts[], const int displacements[], const CMPI_Comm *comm);
/* In place, over `count` floats; MPI chooses the order of addition. */
int CMPI_Allreduce_float_sum(float *buffer, int count, const CMPI_Comm *comm);

/* Memory that all ranks of a communicator see; they must share a host. ---------------------------------------------*/

/* Collective. Each rank gets a part of `bytes` bytes of its own, on pages of its own; end with CMPI_Win_free. */
int CMPI_Win_allocate_shared(long long bytes, const CMPI_Comm *comm, CMPI_Win **window);
/* Where the part of `rank` lies in this process, and how long it is. */
int CMPI_Win_shared_query(const CMPI_Win *window, int rank, void **part, long long *bytes);
/* Collective. */
int CMPI_Win_free(CMPI_Win *window);

/* Point to point; counts in bytes. ----------------------------------------------------------------------------------*/

/* An empty list of messages under way; NULL where there is no memory. It keeps its room, so that a list that was filled
 * once is filled again without allocating. */
CMPI_Requests *CMPI_Requests_create(void);
/* Nothing may be under way. */
void CMPI_Requests_free(CMPI_Requests *requests);
/* Begin a message and append it to the list. */
int CMPI_Isend(const void *buffer, int count, int destination, int tag, const CMPI_Comm *comm, CMPI_Requests *requests);
int CMPI_Irecv(void *buffer, int count, int source, int tag, const CMPI_Comm *comm, CMPI_Requests *requests);
/* Moves the list's messages on; the list is empty where all have ended. On an error that belongs to one of them,
 * `failed` is the rank at its other end, else -1. */
int CMPI_Testall(CMPI_Requests *requests, bool *have_ended, int *failed);
/* Waits until all messages of the list have ended, and leaves it empty; `failed` as above. */
int CMPI_Waitall(CMPI_Requests *requests, int *failed);
