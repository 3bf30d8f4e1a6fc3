#include "exported/module.h"

#include <ATen/ops/empty.h>
#include <c10/core/CPUAllocator.h>
#include <c10/util/safe_numerics.h>

#include <set>
#include <string>
#include <vector>

#include "exported/method.h"

namespace cresset::exported {

using caffe2::serialize::ReadAdapterInterface;

namespace {

c10::Storage read_storage(Words& words, const ReadAdapterInterface& file) {
    const auto position = static_cast<uint64_t>(words.word());
    const auto bytes = static_cast<uint64_t>(words.word());
    if (bytes > file.size() || position > file.size() - bytes) {
        throw Unbuildable("its weights lie outside the file");
    }
    auto memory = c10::GetCPUAllocator()->allocate(bytes);
    if (bytes > 0 && file.read(position, memory.get(), bytes, "weights") != bytes) {
        throw Unbuildable("its weights could not be read to the end: the file was cut short");
    }
    return c10::Storage(c10::Storage::use_byte_size_t(), bytes, std::move(memory), nullptr, /* resizable= */ false);
}

std::vector<int64_t> read_sizes(Words& words, size_t rank) {
    std::vector<int64_t> sizes(rank);
    for (auto& size : sizes) {
        size = words.word();
        if (size < 0) {
            throw Unbuildable("one of its tensors has a size or stride of " + std::to_string(size));
        }
    }
    return sizes;
}

// One past the last element, or nothing where that is no number.
bool end_of(const std::vector<int64_t>& sizes, const std::vector<int64_t>& strides, uint64_t offset, uint64_t& end) {
    end = offset + 1;
    for (size_t i = 0; i < sizes.size(); i++) {
        if (sizes[i] == 0) {
            end = 0;
            return true;
        }
        uint64_t span = 0;
        if (c10::mul_overflows(static_cast<uint64_t>(sizes[i] - 1), static_cast<uint64_t>(strides[i]), &span) ||
            c10::add_overflows(end, span, &end)) {
            return false;
        }
    }
    return true;
}

at::Tensor read_tensor(Words& words, const std::vector<c10::Storage>& storages) {
    const int64_t number = words.word();
    if (number < 0 || static_cast<size_t>(number) >= storages.size()) {
        throw Unbuildable("one of its tensors lies in payload " + std::to_string(number) + " where there is none");
    }
    const auto& storage = storages[number];
    const int64_t type = words.word();
    if (type < 0 || type >= static_cast<int64_t>(at::ScalarType::Undefined)) {
        throw Unbuildable("one of its tensors is of unknown type " + std::to_string(type));
    }
    const auto dtype = static_cast<at::ScalarType>(type);
    const int64_t offset = words.word();
    const auto rank = words.count();
    const auto sizes = read_sizes(words, rank);
    const auto strides = read_sizes(words, rank);
    uint64_t end = 0;
    if (offset < 0 || !end_of(sizes, strides, static_cast<uint64_t>(offset), end) ||
        end > storage.nbytes() / c10::elementSize(dtype)) {
        throw Unbuildable("one of its tensors lies outside its payload of " + std::to_string(storage.nbytes()) + " bytes");
    }
    return at::empty({0}, at::TensorOptions(dtype)).set_(storage, offset, sizes, strides);
}

}  // namespace

torch::jit::Module read_module(Words words, ReadAdapterInterface& file) {
    torch::jit::Module module(c10::QualifiedName("__torch__.exported.Program"));
    module.register_attribute("training", c10::BoolType::get(), false);
    std::vector<c10::Storage> storages(words.count());
    for (auto& storage : storages) {
        storage = read_storage(words, file);
    }
    std::vector<std::string> names(words.count());
    std::set<std::string> seen{"training"};
    for (auto& name : names) {
        name = words.text();
        if (!seen.insert(name).second) {
            throw Unbuildable("it has two attributes '" + name + "'");
        }
        const bool is_parameter = words.flag();
        auto tensor = read_tensor(words, storages);
        if (is_parameter) {
            module.register_parameter(name, std::move(tensor), false);
        } else {
            module.register_buffer(name, std::move(tensor));
        }
    }
    for (size_t left = words.count(); left > 0; left--) {
        read_method(words, module, names);
    }
    if (words.left() != 0) {
        throw Unbuildable("its program goes on after its end");
    }
    return module;
}

}  // namespace cresset::exported
