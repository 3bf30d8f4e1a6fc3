// The floor: the same frozen module, called in a loop from C++ on the same LibTorch. Prints name, microseconds a call: the
// median of the rounds.
//
//   loop model.pt input.f32 output.f32 calls dim...
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <vector>

extern "C" void openblas_set_num_threads(int);

static std::vector<float> floats(const char* path) {
    std::ifstream in(path, std::ios::binary | std::ios::ate);
    std::vector<float> data(in.tellg() / sizeof(float));
    in.seekg(0);
    in.read(reinterpret_cast<char*>(data.data()), data.size() * sizeof(float));
    return data;
}

template <typename Call>
static void time(const char* name, int calls, Call call) {
    std::vector<double> rounds;
    for (int round = 0; round < 11; round++) {
        auto start = std::chrono::steady_clock::now();
        for (int i = 0; i < calls; i++) {
            call();
        }
        std::chrono::duration<double, std::micro> taken = std::chrono::steady_clock::now() - start;
        rounds.push_back(taken.count() / calls);
    }
    std::sort(rounds.begin() + 1, rounds.end());  // the first round warms up
    std::printf("%s %.3f\n", name, rounds[1 + (rounds.size() - 1) / 2]);
}

int main(int argc, char** argv) {
    openblas_set_num_threads(1);
    at::set_num_threads(1);
    c10::InferenceMode inference;
    auto module = torch::jit::load(argv[1]);
    module.eval();
    module = torch::jit::freeze(module);
    std::vector<float> data = floats(argv[2]);
    std::vector<float> expected = floats(argv[3]);
    int calls = std::atoi(argv[4]);
    std::vector<int64_t> shape;
    for (int i = 5; i < argc; i++) {
        shape.push_back(std::atoll(argv[i]));
    }
    std::vector<c10::IValue> inputs{at::from_blob(data.data(), shape)};
    at::Tensor answer = module.forward(inputs).toTensor();
    for (size_t i = 0; i < expected.size(); i++) {
        if (!(std::abs(answer.data_ptr<float>()[i] - expected[i]) <= 1e-4 * std::max(1.0f, std::abs(expected[i])))) {
            std::fprintf(stderr, "wrong answer at %zu\n", i);
            return 1;
        }
    }
    time("forward", calls, [&] { module.forward(inputs); });
    auto& function = module.get_method("forward").function();
    time("run", calls, [&] {
        torch::jit::Stack stack{module._ivalue(), inputs[0]};
        function.run(stack);
    });
}
