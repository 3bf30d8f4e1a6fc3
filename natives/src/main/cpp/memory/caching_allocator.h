// A caching allocator for large tensors: the memory of one call is the next one's, and outside malloc's heaps. The system maps fresh memory
// page by page, when it is first written to: with images in batches of 32 that takes a fifth of a network's time, at every call anew, for
// large blocks go back to the system as soon as they are freed. In the heaps, small blocks that stay (oneDNN keeps a thousand primitives)
// would hold on to the room of the large ones between them.
//
// What is cached and what is in use are together never more than twice what was in use at one time and 64 MiB, and no more than half a
// gigabyte is cached. All of it goes back when a model is closed.
#pragma once

namespace cresset {

// Makes this LibTorch's allocator for the CPU. Called once, before anything else.
void install_caching_allocator();

// Gives back to the system what is not in use.
void empty_cache();

// What the calling thread allocates while one of these lives is cached when it is freed, whoever does so: weights, which are not made in
// a call, would only be cached for nobody.
class CachingGuard {
 public:
    CachingGuard();
    ~CachingGuard();
    CachingGuard(const CachingGuard&) = delete;
    CachingGuard& operator=(const CachingGuard&) = delete;
};

// Not so, as long as one of these lives: for what is made in a call and stays.
class NoCachingGuard {
 public:
    NoCachingGuard();
    ~NoCachingGuard();
    NoCachingGuard(const NoCachingGuard&) = delete;
    NoCachingGuard& operator=(const NoCachingGuard&) = delete;

 private:
    int guards_;
};

}  // namespace cresset
