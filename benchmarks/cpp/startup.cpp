// The floor of a start: loads a model, freezes it, answers once, and ends. Links what the bridge links.
//
//   startup model.pt input.f32 output.f32 dim...
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <vector>

extern "C" void openblas_set_num_threads(int);

static std::vector<float> floats(const char* path, int64_t count) {
    std::ifstream in(path, std::ios::binary);
    std::vector<float> data(count);
    in.read(reinterpret_cast<char*>(data.data()), data.size() * sizeof(float));
    return data;
}

int main(int argc, char** argv) {
    openblas_set_num_threads(1);
    at::set_num_threads(1);
    c10::InferenceMode inference;
    auto module = torch::jit::load(argv[1]);
    module.eval();
    module = torch::jit::freeze(module);
    std::vector<int64_t> shape;
    for (int i = 4; i < argc; i++) {
        shape.push_back(std::atoll(argv[i]));
    }
    std::vector<float> data = floats(argv[2], c10::multiply_integers(shape));
    at::Tensor answer = module.forward({at::from_blob(data.data(), shape)}).toTensor();
    std::vector<float> expected = floats(argv[3], answer.numel());
    for (int64_t i = 0; i < answer.numel(); i++) {
        if (!(std::abs(answer.data_ptr<float>()[i] - expected[i]) <= 1e-4 * std::max(1.0f, std::abs(expected[i])))) {
            std::fprintf(stderr, "wrong answer at %zu\n", i);
            return 1;
        }
    }
}
