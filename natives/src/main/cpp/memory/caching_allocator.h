// Memory of large tensors, kept from one call to the next, and outside malloc's heaps. The system maps fresh memory page by page, when it is first
// written to: with images in batches of 32 that takes a fifth of a network's time, at every call anew, for large blocks go back to the system as
// soon as they are let go of. In the heaps, small blocks that stay (oneDNN keeps a thousand primitives) would hold on to the
// room of the large ones between them.
//
// What is kept and what is in use are together never more than twice what was in use at one time and 64 MiB, and no more than half a
// gigabyte is kept. All of it goes back when a model is closed.
#pragma once

namespace cresset {

// Makes this LibTorch's memory. Called once, before anything else.
void keep_memory();

// Gives back to the system what is kept and not in use.
void give_memory_back();

// What the calling thread allocates while one of these lives is kept when it is let go of, whoever does so: weights, which are
// not made in a call, would only be kept for nobody.
class OfACall {
 public:
    OfACall();
    ~OfACall();
    OfACall(const OfACall&) = delete;
    OfACall& operator=(const OfACall&) = delete;
};

// Not so, as long as one of these lives: for what is made in a call and stays.
class Lasting {
 public:
    Lasting();
    ~Lasting();
    Lasting(const Lasting&) = delete;
    Lasting& operator=(const Lasting&) = delete;

 private:
    int calls_;
};

}  // namespace cresset
