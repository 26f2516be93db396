/*
 * Matrix factorization of ratings with biases in plain C, for bench/ratings.ts:
 * X_ui ~ mean + b_u + c_i + w_u.h_i, minimising sum of squared errors + lambda (W^2 + H^2 + b^2 + c^2).
 *
 *   ratings_peer als|sgd TRAIN TEST USERS ITEMS RANK LAMBDA ITERATIONS RATE
 *
 * `als` solves each row's normal equations by Cholesky (OpenMP over rows, the work that ours does too); `sgd` is the
 * stochastic gradient method of Funk (2006), one thread. Files are int32 users, int32 items, float32 ratings, one array
 * after another, each preceded by the int32 count. Prints "seconds objective held_out_rmse" after every iteration; time
 * spent on the figures themselves is not counted.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct {
  int32_t count, *user, *item;
  float *rating;
} Ratings;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

static void *take(FILE *file, size_t count) {
  void *data = malloc(4 * count);
  if (!data || fread(data, 4, count, file) != count) exit(2);
  return data;
}

static Ratings load(const char *path) {
  Ratings r;
  FILE *file = fopen(path, "rb");
  if (!file || fread(&r.count, 4, 1, file) != 1) exit(2);
  r.user = take(file, r.count);
  r.item = take(file, r.count);
  r.rating = take(file, r.count);
  fclose(file);
  return r;
}

static uint64_t state = 88172645463325252ull;
static double uniform(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (state >> 11) * (1.0 / 9007199254740992.0);
}

/* Entries of each line: start[line] to start[line + 1] of `other` and `value`. */
typedef struct {
  int32_t *start, *other;
  float *value;
} Lines;

static Lines lines_of(int32_t count, int32_t lines, const int32_t *line, const int32_t *other, const float *value) {
  Lines l = {calloc(lines + 1, 4), malloc(4 * (size_t)count), malloc(4 * (size_t)count)};
  for (int32_t k = 0; k < count; k++) l.start[line[k] + 1]++;
  for (int32_t i = 0; i < lines; i++) l.start[i + 1] += l.start[i];
  int32_t *next = malloc(4 * (size_t)lines);
  memcpy(next, l.start, 4 * (size_t)lines);
  for (int32_t k = 0; k < count; k++) {
    int32_t at = next[line[k]]++;
    l.other[at] = other[k];
    l.value[at] = value[k];
  }
  free(next);
  return l;
}

/* One side solved with the other fixed. Rows of Z and T hold the factor and then the bias. */
static void solve_side(Lines l, int32_t lines, float *Z, const float *T, int rank, float lambda, float mean) {
  int size = rank + 1;
#pragma omp parallel
  {
    float *A = malloc(sizeof(float) * size * size), *y = malloc(sizeof(float) * size), *t = malloc(sizeof(float) * size);
#pragma omp for schedule(dynamic, 64)
    for (int32_t line = 0; line < lines; line++) {
      memset(A, 0, sizeof(float) * size * size);
      memset(y, 0, sizeof(float) * size);
      for (int32_t k = l.start[line]; k < l.start[line + 1]; k++) {
        const float *row = T + (size_t)l.other[k] * size;
        memcpy(t, row, sizeof(float) * rank);
        t[rank] = 1;
        float target = l.value[k] - mean - row[rank];
        for (int a = 0; a < size; a++) {
          y[a] += target * t[a];
          for (int b = 0; b <= a; b++) A[a * size + b] += t[a] * t[b];
        }
      }
      for (int a = 0; a < size; a++) A[a * size + a] += lambda;
      for (int a = 0; a < size; a++) {
        for (int b = 0; b <= a; b++) {
          float sum = A[a * size + b];
          for (int c = 0; c < b; c++) sum -= A[a * size + c] * A[b * size + c];
          A[a * size + b] = a == b ? sqrtf(sum) : sum / A[b * size + b];
        }
      }
      for (int a = 0; a < size; a++) {
        for (int b = 0; b < a; b++) y[a] -= A[a * size + b] * y[b];
        y[a] /= A[a * size + a];
      }
      for (int a = size - 1; a >= 0; a--) {
        for (int b = a + 1; b < size; b++) y[a] -= A[b * size + a] * y[b];
        y[a] /= A[a * size + a];
      }
      memcpy(Z + (size_t)line * size, y, sizeof(float) * size);
    }
    free(A);
    free(y);
    free(t);
  }
}

static double squared_errors(Ratings r, const float *U, const float *V, int rank, float mean) {
  double total = 0;
  for (int32_t k = 0; k < r.count; k++) {
    const float *u = U + (size_t)r.user[k] * (rank + 1), *v = V + (size_t)r.item[k] * (rank + 1);
    float y = mean + u[rank] + v[rank];
    for (int a = 0; a < rank; a++) y += u[a] * v[a];
    total += (double)(r.rating[k] - y) * (r.rating[k] - y);
  }
  return total;
}

static double square(const float *values, size_t count) {
  double total = 0;
  for (size_t k = 0; k < count; k++) total += (double)values[k] * values[k];
  return total;
}

int main(int argc, char **argv) {
  if (argc != 10) return 2;
  int als = strcmp(argv[1], "als") == 0;
  Ratings train = load(argv[2]), test = load(argv[3]);
  int32_t users = atoi(argv[4]), items = atoi(argv[5]);
  int rank = atoi(argv[6]), iterations = atoi(argv[8]), size = rank + 1;
  float lambda = atof(argv[7]), rate = atof(argv[9]);
  double sum = 0;
  for (int32_t k = 0; k < train.count; k++) sum += train.rating[k];
  float mean = sum / train.count;
  float *U = malloc(sizeof(float) * users * size), *V = malloc(sizeof(float) * items * size);
  for (size_t k = 0; k < (size_t)users * size; k++) U[k] = k % size == (size_t)rank ? 0 : 0.2 * (uniform() - 0.5);
  for (size_t k = 0; k < (size_t)items * size; k++) V[k] = k % size == (size_t)rank ? 0 : 0.2 * (uniform() - 0.5);

  double seconds = 0, began = now();
  Lines by_user = lines_of(train.count, users, train.user, train.item, train.rating);
  Lines by_item = lines_of(train.count, items, train.item, train.user, train.rating);
  int32_t *order = malloc(4 * (size_t)train.count);
  for (int32_t k = 0; k < train.count; k++) order[k] = k;
  /* A rating's share of the penalty of its row and column, so that an epoch adds up to the whole. */
  float share_u = lambda * users / train.count, share_v = lambda * items / train.count;
  seconds += now() - began;
  for (int iteration = 0; iteration < iterations; iteration++) {
    began = now();
    if (als) {
      solve_side(by_user, users, U, V, rank, lambda, mean);
      solve_side(by_item, items, V, U, rank, lambda, mean);
    } else {
      for (int32_t k = train.count - 1; k > 0; k--) {
        int32_t other = uniform() * (k + 1), held = order[k];
        order[k] = order[other];
        order[other] = held;
      }
      float step = rate / (1 + 0.1f * iteration);
      for (int32_t j = 0; j < train.count; j++) {
        int32_t k = order[j];
        float *u = U + (size_t)train.user[k] * size, *v = V + (size_t)train.item[k] * size;
        float y = mean + u[rank] + v[rank];
        for (int a = 0; a < rank; a++) y += u[a] * v[a];
        float error = train.rating[k] - y;
        for (int a = 0; a < rank; a++) {
          float old = u[a];
          u[a] += step * (error * v[a] - share_u * old);
          v[a] += step * (error * old - share_v * v[a]);
        }
        u[rank] += step * (error - share_u * u[rank]);
        v[rank] += step * (error - share_v * v[rank]);
      }
    }
    seconds += now() - began;
    double objective = squared_errors(train, U, V, rank, mean) +
                       lambda * (square(U, (size_t)users * size) + square(V, (size_t)items * size));
    printf("%.4f %.3f %.6f\n", seconds, objective, sqrt(squared_errors(test, U, V, rank, mean) / test.count));
  }
  return 0;
}
