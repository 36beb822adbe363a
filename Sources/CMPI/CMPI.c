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

struct CMPI_Request {
  MPI_Request handle;
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

int CMPI_Isend(const void *buffer, int count, int destination, int tag, const CMPI_Comm *comm, CMPI_Request **request) {
  *request = malloc(sizeof **request);
  if (*request == NULL) return MPI_ERR_NO_MEM;
  int code = MPI_Isend(buffer, count, MPI_BYTE, destination, tag, comm->handle, &(*request)->handle);
  if (code != MPI_SUCCESS) {
    free(*request);
    *request = NULL;
  }
  return code;
}

int CMPI_Irecv(void *buffer, int count, int source, int tag, const CMPI_Comm *comm, CMPI_Request **request) {
  *request = malloc(sizeof **request);
  if (*request == NULL) return MPI_ERR_NO_MEM;
  int code = MPI_Irecv(buffer, count, MPI_BYTE, source, tag, comm->handle, &(*request)->handle);
  if (code != MPI_SUCCESS) {
    free(*request);
    *request = NULL;
  }
  return code;
}

int CMPI_Waitall(int count, CMPI_Request *requests[], int *failed) {
  *failed = -1;
  if (count == 0) return MPI_SUCCESS;
  MPI_Request *handles = malloc((size_t)count * sizeof *handles);
  MPI_Status *statuses = malloc((size_t)count * sizeof *statuses);
  int code = MPI_ERR_NO_MEM;
  if (handles != NULL && statuses != NULL) {
    for (int i = 0; i < count; i++) handles[i] = requests[i]->handle;
    code = MPI_Waitall(count, handles, statuses);
    if (code == MPI_ERR_IN_STATUS) {
      for (int i = 0; i < count && *failed < 0; i++) {
        if (statuses[i].MPI_ERROR == MPI_SUCCESS || statuses[i].MPI_ERROR == MPI_ERR_PENDING) continue;
        *failed = i;
        code = statuses[i].MPI_ERROR;
      }
    }
  }
  for (int i = 0; i < count; i++) free(requests[i]);
  free(statuses);
  free(handles);
  return code;
}
