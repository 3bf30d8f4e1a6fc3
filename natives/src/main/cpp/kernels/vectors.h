// Vectors of the CPU, of LANES float32 numbers, and how much its caches hold. Included inside a namespace, as table.h
// says.

typedef float Vector __attribute__((vector_size(4 * LANES)));
typedef float Unaligned __attribute__((vector_size(4 * LANES), aligned(4)));

typedef int32_t Indexes __attribute__((vector_size(4 * LANES)));

inline Vector load(const float* from) { return *reinterpret_cast<const Unaligned*>(from); }
inline void store(float* to, Vector value) { *reinterpret_cast<Unaligned*>(to) = value; }

// The first `count` numbers of a vector, which has at least as many; the others are not looked at.
inline MASK mask_of(int64_t count) { return MASK_OF(count); }
inline Vector load(const float* from, MASK mask) { return Vector(LOAD_MASKED(from, mask)); }

// No more than `count` numbers, which may be more than a vector has.
inline Vector load(const float* from, int64_t count) { return count >= LANES ? load(from) : load(from, mask_of(count)); }
inline void store(float* to, Vector value, int64_t count) {
    if (count >= LANES) {
        store(to, value);
    } else {
        STORE_MASKED(to, mask_of(count), value);
    }
}

inline int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
inline int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }

// The columns of weights that lie together.
constexpr int64_t kPanel = 2 * LANES;

constexpr int64_t kLine = 16;  // of the cache, in numbers

constexpr int64_t kCached = 64 * 1024;  // what a part of a CPU's second cache holds, in numbers
constexpr int64_t kWeights = 4 * 1024;  // and of its first

#define ONE(count) 1
constexpr int64_t kCounts[] = {COUNTS(ONE)};
constexpr int64_t kMostRows = sizeof(kCounts) / sizeof(kCounts[0]);
