#include "CMPI.h"

#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

struct CMPI_Comm {
  MPI_Comm handle;
};

struct CMPI_Win {
  MPI_Win handle;
};

struct CMPI_Requests {
  int count, capacity;
  MPI_Request *handles;
  MPI_Status *statuses;
  /* The rank at the other end of each. */
  int *peers;
};

_Static_assert(MPI_SUCCESS == CMPI_SUCCESS, "the MPI standard sets MPI_SUCCESS to 0");

/* Begin and end. ---------------------------------------------------------------------------------------------------*/

int CMPI_Init_thread(bool *is_funneled) {
  int provided = 0;
  int code = MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
  if (code != MPI_SUCCESS) return code;
  *is_funneled = provided >= MPI_THREAD_FUNNELED;
  code = MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  if (code != MPI_SUCCESS) return code;
  return MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_RETURN);
}

int CMPI_Initialized(bool *is_initialized) {
  int flag = 0;
  int code = MPI_Initialized(&flag);
  *is_initialized = flag != 0;
  return code;
}

int CMPI_Finalize(void) { return MPI_Finalize(); }

int CMPI_Abort(const CMPI_Comm *comm, int code) { return MPI_Abort(comm->handle, code); }

/* Who and where. ---------------------------------------------------------------------------------------------------*/

const CMPI_Comm *CMPI_Comm_world(void) {
  /* Some MPIs make MPI_COMM_WORLD an address that is known at run time only, so it cannot initialise a static. */
  static CMPI_Comm world;
  world.handle = MPI_COMM_WORLD;
  return &world;
}

int CMPI_Comm_rank(const CMPI_Comm *comm, int *rank) { return MPI_Comm_rank(comm->handle, rank); }

int CMPI_Comm_size(const CMPI_Comm *comm, int *size) { return MPI_Comm_size(comm->handle, size); }

int CMPI_Comm_split_type_shared(const CMPI_Comm *comm, CMPI_Comm **shared) {
  *shared = malloc(sizeof **shared);
  if (*shared == NULL) return MPI_ERR_NO_MEM;
  int code = MPI_Comm_split_type(comm->handle, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &(*shared)->handle);
  if (code == MPI_SUCCESS) code = MPI_Comm_set_errhandler((*shared)->handle, MPI_ERRORS_RETURN);
  if (code != MPI_SUCCESS) {
    free(*shared);
    *shared = NULL;
  }
  return code;
}

int CMPI_Comm_free(CMPI_Comm *comm) {
  int code = MPI_Comm_free(&comm->handle);
  free(comm);
  return code;
}

int CMPI_Get_processor_name(char *name, int capacity) {
  char text[MPI_MAX_PROCESSOR_NAME + 1] = {0};
  int length = 0;
  int code = MPI_Get_processor_name(text, &length);
  snprintf(name, (size_t)capacity, "%s", text);
  return code;
}

int CMPI_Get_library_version(char *version, int capacity) {
  char text[MPI_MAX_LIBRARY_VERSION_STRING + 1] = {0};
  int length = 0;
  int code = MPI_Get_library_version(text, &length);
  snprintf(version, (size_t)capacity, "%s", text);
  return code;
}

int CMPI_Error_string(int code, char *message, int capacity) {
  /* Outside of MPI's life, MPI 3 ends the process that asks for a text. */
  int initialized = 0, finalized = 0;
  int answer = MPI_Initialized(&initialized);
  if (answer == MPI_SUCCESS) answer = MPI_Finalized(&finalized);
  if (answer != MPI_SUCCESS) return answer;
  if (!initialized || finalized) return MPI_ERR_OTHER;

  char text[MPI_MAX_ERROR_STRING + 1] = {0};
  int length = 0;
  answer = MPI_Error_string(code, text, &length);
  snprintf(message, (size_t)capacity, "%s", text);
  return answer;
}

static int read_cvar(MPI_T_cvar_handle handle, MPI_Datatype type, MPI_T_enum names, int count, char *text, int capacity) {
  if (type == MPI_CHAR) {
    char *value = calloc((size_t)count + 1, 1);
    if (!value) return MPI_ERR_NO_MEM;
    int code = MPI_T_cvar_read(handle, value);
    if (code == MPI_SUCCESS) snprintf(text, (size_t)capacity, "%s", value);
    free(value);
    return code;
  }
  if (type != MPI_INT) return MPI_SUCCESS;
  int value = 0, length = capacity;
  int code = MPI_T_cvar_read(handle, &value);
  if (code != MPI_SUCCESS) return code;
  snprintf(text, (size_t)capacity, "%d", value);
  if (names == MPI_T_ENUM_NULL) return MPI_SUCCESS;
  int items = 0;
  code = MPI_T_enum_get_info(names, &items, NULL, NULL);
  for (int item = 0; code == MPI_SUCCESS && item < items; item++) {
    int number = 0;
    char name[256];
    length = sizeof name;
    code = MPI_T_enum_get_item(names, item, &number, name, &length);
    if (code == MPI_SUCCESS && number == value) snprintf(text, (size_t)capacity, "%s", name);
  }
  return code;
}

int CMPI_T_cvar_read(const char *name, char *text, int capacity) {
  int provided = 0, index = 0, count = 0, verbosity = 0, bind = 0, scope = 0;
  MPI_Datatype type = MPI_DATATYPE_NULL;
  MPI_T_enum names = MPI_T_ENUM_NULL;
  MPI_T_cvar_handle handle = MPI_T_CVAR_HANDLE_NULL;
  text[0] = 0;
  int code = MPI_T_init_thread(MPI_THREAD_SINGLE, &provided);
  if (code != MPI_SUCCESS) return code;
  if (MPI_T_cvar_get_index(name, &index) == MPI_SUCCESS) {
    code = MPI_T_cvar_get_info(index, NULL, NULL, &verbosity, &type, &names, NULL, NULL, &bind, &scope);
    if (code == MPI_SUCCESS) code = MPI_T_cvar_handle_alloc(index, NULL, &handle, &count);
    if (code == MPI_SUCCESS) {
      code = read_cvar(handle, type, names, count, text, capacity);
      MPI_T_cvar_handle_free(&handle);
    }
  }
  int ended = MPI_T_finalize();
  return code == MPI_SUCCESS ? ended : code;
}

/* Collectives. -----------------------------------------------------------------------------------------------------*/

int CMPI_Barrier(const CMPI_Comm *comm) { return MPI_Barrier(comm->handle); }

int CMPI_Bcast(void *buffer, int count, int root, const CMPI_Comm *comm) {
  return MPI_Bcast(buffer, count, MPI_BYTE, root, comm->handle);
}

int CMPI_Allgatherv(void *buffer, const int counts[], const int displacements[], const CMPI_Comm *comm) {
  return MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, buffer, counts, displacements, MPI_BYTE, comm->handle);
}

int CMPI_Allreduce_float_sum(float *buffer, int count, const CMPI_Comm *comm) {
  return MPI_Allreduce(MPI_IN_PLACE, buffer, count, MPI_FLOAT, MPI_SUM, comm->handle);
}

/* Shared memory. ---------------------------------------------------------------------------------------------------*/

int CMPI_Win_allocate_shared(long long bytes, const CMPI_Comm *comm, CMPI_Win **window) {
  *window = malloc(sizeof **window);
  if (*window == NULL) return MPI_ERR_NO_MEM;
  void *part = NULL;
  MPI_Info info = MPI_INFO_NULL;
  int code = MPI_Info_create(&info);
  /* Not one after the other: each part begins on a page, in the memory nearest to its rank. */
  if (code == MPI_SUCCESS) code = MPI_Info_set(info, "alloc_shared_noncontig", "true");
  if (code == MPI_SUCCESS)
    code = MPI_Win_allocate_shared((MPI_Aint)bytes, 1, info, comm->handle, &part, &(*window)->handle);
  if (info != MPI_INFO_NULL) {
    int freed = MPI_Info_free(&info);
    if (code == MPI_SUCCESS) code = freed;
  }
  if (code == MPI_SUCCESS) code = MPI_Win_set_errhandler((*window)->handle, MPI_ERRORS_RETURN);
  if (code != MPI_SUCCESS) {
    free(*window);
    *window = NULL;
  }
  return code;
}

int CMPI_Win_shared_query(const CMPI_Win *window, int rank, void **part, long long *bytes) {
  MPI_Aint length = 0;
  int unit = 0;
  int code = MPI_Win_shared_query(window->handle, rank, &length, &unit, part);
  *bytes = (long long)length;
  return code;
}

int CMPI_Win_free(CMPI_Win *window) {
  int code = MPI_Win_free(&window->handle);
  free(window);
  return code;
}

/* Point to point. --------------------------------------------------------------------------------------------------*/

CMPI_Requests *CMPI_Requests_create(void) { return calloc(1, sizeof(CMPI_Requests)); }

void CMPI_Requests_free(CMPI_Requests *requests) {
  free(requests->handles);
  free(requests->statuses);
  free(requests->peers);
  free(requests);
}

/* Makes room for one more; what there is stays as it is where there is no memory. */
static int make_room(CMPI_Requests *requests) {
  if (requests->count < requests->capacity) return MPI_SUCCESS;
  int capacity = requests->capacity ? 2 * requests->capacity : 8;
  MPI_Request *handles = realloc(requests->handles, (size_t)capacity * sizeof *handles);
  if (handles != NULL) requests->handles = handles;
  MPI_Status *statuses = realloc(requests->statuses, (size_t)capacity * sizeof *statuses);
  if (statuses != NULL) requests->statuses = statuses;
  int *peers = realloc(requests->peers, (size_t)capacity * sizeof *peers);
  if (peers != NULL) requests->peers = peers;
  if (handles == NULL || statuses == NULL || peers == NULL) return MPI_ERR_NO_MEM;
  requests->capacity = capacity;
  return MPI_SUCCESS;
}

/* Counts a message in that has begun without an error. */
static int note(CMPI_Requests *requests, int peer, int code) {
  if (code == MPI_SUCCESS) requests->peers[requests->count++] = peer;
  return code;
}

int CMPI_Isend(const void *buffer, int count, int destination, int tag, const CMPI_Comm *comm, CMPI_Requests *requests) {
  int code = make_room(requests);
  if (code != MPI_SUCCESS) return code;
  MPI_Request *handle = &requests->handles[requests->count];
  return note(requests, destination, MPI_Isend(buffer, count, MPI_BYTE, destination, tag, comm->handle, handle));
}

int CMPI_Irecv(void *buffer, int count, int source, int tag, const CMPI_Comm *comm, CMPI_Requests *requests) {
  int code = make_room(requests);
  if (code != MPI_SUCCESS) return code;
  MPI_Request *handle = &requests->handles[requests->count];
  return note(requests, source, MPI_Irecv(buffer, count, MPI_BYTE, source, tag, comm->handle, handle));
}

/* The error of the message that failed, where MPI says that one did. */
static int cause(const CMPI_Requests *requests, int code, int *failed) {
  *failed = -1;
  if (code != MPI_ERR_IN_STATUS) return code;
  for (int i = 0; i < requests->count; i++) {
    int error = requests->statuses[i].MPI_ERROR;
    if (error == MPI_SUCCESS || error == MPI_ERR_PENDING) continue;
    *failed = requests->peers[i];
    return error;
  }
  return code;
}

int CMPI_Testall(CMPI_Requests *requests, bool *have_ended, int *failed) {
  int flag = 0;
  int code = MPI_Testall(requests->count, requests->handles, &flag, requests->statuses);
  code = cause(requests, code, failed);
  *have_ended = flag != 0;
  if (flag) requests->count = 0;
  return code;
}

int CMPI_Waitall(CMPI_Requests *requests, int *failed) {
  int code = MPI_Waitall(requests->count, requests->handles, requests->statuses);
  code = cause(requests, code, failed);
  requests->count = 0;
  return code;
}
