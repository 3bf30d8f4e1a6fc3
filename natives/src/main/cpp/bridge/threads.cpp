#include "bridge/threads.h"

#include <ATen/Parallel.h>
#include <omp.h>

#include <algorithm>
#include <atomic>

namespace cresset {

namespace {

std::atomic<int> processors{1};
std::atomic<int> in_use{0};

int take(int wanted) {
    int used = in_use.load(std::memory_order_relaxed);
    int given;
    do {
        given = std::max(1, std::min(wanted, processors.load(std::memory_order_relaxed) - used));
    } while (!in_use.compare_exchange_weak(used, used + given, std::memory_order_relaxed));
    return given;
}

}  // namespace

void Threads::share(int count) { processors = count; }

Threads::Threads(int wanted) : shares_(wanted > 1), given_(shares_ ? take(wanted) : 1) { enter(); }

Threads::Threads(int most, Uncounted)
    : shares_(false), given_(std::max(1, std::min(most, processors.load(std::memory_order_relaxed)))) {
    enter();
}

void Threads::enter() {
    // Asked of LibTorch and not of OpenMP: a thread's first question is when LibTorch sets the thread's number, and it would do so
    // in the middle of the call otherwise.
    // Twice: the loops that are compiled into this library have a first question of their own.
    at::internal::lazy_init_num_threads();
    before_ = at::get_num_threads();
    if (before_ != given_) {
        omp_set_num_threads(given_);
    }
}

Threads::~Threads() {
    if (before_ != given_) {
        omp_set_num_threads(before_);
    }
    if (shares_) {
        in_use.fetch_sub(given_, std::memory_order_relaxed);
    }
}

}  // namespace cresset
