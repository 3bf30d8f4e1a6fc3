// The floor: the same frozen module, called in a loop from C++ on the same LibTorch. Prints a line a way, in the form
// "loop.WAY MODEL BATCH THREADS microseconds", the median of the rounds.
//
//   loop MODEL folder/name threads batch dim...
//
// "forward" is the module's own call, "run" the interpreter's without it; for a module that is nothing but linear layers, "linear" is
// their operators alone, called from C++ with no interpreter, and "sgemv" what the BLAS needs for the arithmetic in them.
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
#include <string>
#include <vector>

extern "C" void openblas_set_num_threads(int);
extern "C" void cblas_sgemv(int, int, int, int, float, const float*, int, const float*, int, float, float*, int);

static std::vector<float> floats(const std::string& path) {
    std::ifstream in(path, std::ios::binary | std::ios::ate);
    std::vector<float> data(in.tellg() / sizeof(float));
    in.seekg(0);
    in.read(reinterpret_cast<char*>(data.data()), data.size() * sizeof(float));
    return data;
}

static double seconds(const std::chrono::steady_clock::time_point& start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

template <typename Call>
static void time(const char* way, const std::string& what, Call call) {
    auto start = std::chrono::steady_clock::now();
    int calls = 0;
    while (calls < 5 || (calls < 100000 && seconds(start) < 0.3)) {
        call();
        calls++;
    }
    std::vector<double> rounds;
    for (int round = 0; round < 9; round++) {
        start = std::chrono::steady_clock::now();
        for (int i = 0; i < calls; i++) {
            call();
        }
        rounds.push_back(seconds(start) / calls);
    }
    std::sort(rounds.begin(), rounds.end());
    std::printf("loop.%s %s %.3f\n", way, what.c_str(), 1e6 * rounds[rounds.size() / 2]);
}

int main(int argc, char** argv) {
    std::string model = argv[1];
    std::string files = argv[2];
    int threads = std::atoi(argv[3]);
    openblas_set_num_threads(1);
    at::set_num_threads(threads);
    c10::InferenceMode inference;
    auto loaded = torch::jit::load(files + ".pt");
    loaded.eval();
    auto module = torch::jit::freeze(loaded);
    std::vector<float> data = floats(files + ".input.f32");
    std::vector<float> expected = floats(files + ".output.f32");
    std::vector<int64_t> shape;
    for (int i = 4; i < argc; i++) {
        shape.push_back(std::atoll(argv[i]));
    }
    std::string what = model + " " + argv[4] + " " + argv[3];
    std::vector<c10::IValue> inputs{at::from_blob(data.data(), shape)};
    at::Tensor answer = module.forward(inputs).toTensor();
    for (int64_t i = 0; i < answer.numel(); i++) {
        if (!(std::abs(answer.data_ptr<float>()[i] - expected[i]) <= 1e-3 * std::max(1.0f, std::abs(expected[i])))) {
            std::fprintf(stderr, "wrong answer at %ld\n", static_cast<long>(i));
            return 1;
        }
    }
    time("forward", what, [&] { module.forward(inputs); });
    auto& function = module.get_method("forward").function();
    time("run", what, [&] {
        torch::jit::Stack stack{module._ivalue(), inputs[0]};
        function.run(stack);
    });
    if (model != "MLP") {
        return 0;
    }
    std::vector<at::Tensor> weights;
    for (const auto& parameter : loaded.parameters()) {
        weights.push_back(parameter);
    }
    time("linear", what, [&] {
        at::Tensor x = inputs[0].toTensor();
        for (size_t i = 0; i < weights.size(); i += 2) {
            x = at::linear(x, weights[i], weights[i + 1]);
        }
    });
    std::vector<float> in(64), out(64);
    time("sgemv", what, [&] {
        for (size_t i = 0; i < weights.size(); i += 2) {
            int rows = static_cast<int>(weights[i].size(0));
            int columns = static_cast<int>(weights[i].size(1));
            cblas_sgemv(101, 111, rows, columns, 1, weights[i].data_ptr<float>(), columns, in.data(), 1, 0, out.data(), 1);
        }
    });
}
