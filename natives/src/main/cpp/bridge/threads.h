// How many threads one call may use.
#pragma once

namespace cresset {

// Gives the calling thread up to this many intra-op threads while it is inside, and its own setting back after.
//
// Calls that may use several share the CPUs: one gets what those that are running have left, and itself in any case. More threads
// than CPUs wait for each other at the end of every loop. Calls of one thread are not counted, for a count that every call writes
// to would cost them more than they take.
//
// LibTorch's own set_num_threads is process-wide and empties oneDNN's cache; what every parallel region reads is OpenMP's number.
class Threads {
 public:
    // Of the CPUs, those that this process may use. Called once, before any call.
    static void share(int processors);

    // Its share of what the others have left.
    explicit Threads(int wanted);

    // At most so many, and nobody has fewer for it: for work that is long and mostly of one thread, such as loading.
    static Threads limited_to(int most) { return Threads(most, Uncounted{}); }

    ~Threads();
    Threads(const Threads&) = delete;
    Threads& operator=(const Threads&) = delete;

 private:
    struct Uncounted {};
    Threads(int most, Uncounted);
    void enter();

    bool shares_;
    int given_;
    int before_;
};

}  // namespace cresset
