#include "passes/devices.h"

#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/ir/ir.h>

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

#include "graph/insert.h"
#include "graph/walk.h"

namespace cresset {

namespace {

class Move {
 public:
    explicit Move(c10::Device device) : device_(device) {}

    // Tensors that are shared stay so.
    at::Tensor moved(const at::Tensor& tensor) {
        if (!tensor.device().is_cpu()) {
            return tensor;
        }
        const auto [known, is_new] = moved_.try_emplace(tensor.unsafeGetTensorImpl());
        if (is_new) {
            known->second = {tensor, tensor.to(device_)};
        }
        return known->second.second;
    }

    void graph(torch::jit::Graph& graph) {
        for_each_node(graph.block(), [&](torch::jit::Node* node) {
            if (node->hasAttribute(torch::jit::attr::Subgraph)) {
                this->graph(*node->g(torch::jit::attr::Subgraph));
            }
            if (is_to_the_cpu(node)) {
                node->output()->replaceAllUsesWith(node->input(0));  // as on the CPU, where it is the tensor itself
                node->destroy();
                return;
            }
            if (node->kind() != torch::jit::prim::Constant) {
                name_device(graph, node);
                keep_lengths(graph, node);
                return;
            }
            const auto value = torch::jit::toIValue(node->output());
            if (!value || !is_on_the_cpu(*value)) {
                return;
            }
            const torch::jit::WithInsertPoint before(node);
            node->output()->replaceAllUsesWith(
                graph.insertConstant(value->isDevice() ? c10::IValue(device_) : c10::IValue(moved(value->toTensor()))));
            node->destroy();
        });
    }

 private:
    // What makes a tensor of no other may name the device, or not; and the device may be a word.
    void name_device(torch::jit::Graph& graph, torch::jit::Node* node) {
        if (node->kind() == c10::Symbol::fromQualString("aten::device") && node->inputs().size() == 1) {
            const auto word = torch::jit::toIValue(node->input(0));
            if (word && word->isString() && c10::Device(word->toStringRef()).is_cpu()) {
                const torch::jit::WithInsertPoint before(node);
                node->output()->replaceAllUsesWith(graph.insertConstant(device_));
            }
            return;
        }
        const auto* schema = node->maybeSchema();
        if (schema == nullptr || schema->argumentIndexWithName("self")) {
            return;
        }
        const auto device = schema->argumentIndexWithName("device");
        if (device && node->input(*device)->mustBeNone()) {
            const torch::jit::WithInsertPoint before(node);
            node->replaceInput(*device, graph.insertConstant(device_));
        }
    }

    static bool is_to_the_cpu(const torch::jit::Node* node) { return node->kind() == c10::Symbol::fromQualString("aten::cpu"); }

    // Of sequences that are packed, LibTorch wants the lengths on the CPU, wherever the sequences are; and so of where to split.
    // What it answers of them goes to the device, where all else is.
    void keep_lengths(torch::jit::Graph& graph, torch::jit::Node* node) {
        const auto* schema = node->maybeSchema();
        if (schema == nullptr) {
            return;
        }
        const bool packs = node->kind() == c10::Symbol::fromQualString("aten::_pack_padded_sequence");
        for (const char* name : {packs ? "lengths" : "batch_sizes", "tensor_indices_or_sections"}) {
            if (const auto lengths = schema->argumentIndexWithName(name)) {
                node->replaceInput(*lengths, insert_before(node, c10::Symbol::fromQualString("aten::cpu"), {node->input(*lengths)})->output());
            }
        }
        if (node->kind() == c10::Symbol::fromQualString("aten::_pad_packed_sequence")) {
            const torch::jit::WithInsertPoint after(node->next());
            auto* lengths = node->output(1);
            auto* there = graph.insert(torch::jit::aten::to, {lengths, graph.insertConstant(device_)});
            lengths->replaceAllUsesAfterNodeWith(there->node(), there);
        }
    }

    static bool is_on_the_cpu(const c10::IValue& value) {
        return (value.isDevice() && value.toDevice().is_cpu()) ||
               (value.isTensor() && value.toTensor().defined() && value.toTensor().device().is_cpu());
    }

    c10::Device device_;
    std::unordered_map<const void*, std::pair<at::Tensor, at::Tensor>> moved_;  // by what they were, which stays until all are moved
};

}  // namespace

void move_to(torch::jit::Module& module, c10::Device device) {
    Move move(device);
    for (auto part : module.modules()) {
        for (const auto& attribute : part.named_attributes(/* recurse= */ false)) {
            if (attribute.value.isTensor() && attribute.value.toTensor().defined()) {
                part.setattr(attribute.name, move.moved(attribute.value.toTensor()));
            }
        }
    }
    for (auto* function : module._ivalue()->compilation_unit()->get_functions()) {
        if (auto* code = torch::jit::tryToGraphFunction(*function)) {
            move.graph(*code->graph());
        }
    }
}

void fill_by_numbers(torch::jit::Module& frozen) {
    for (const auto& method : frozen.get_methods()) {
        auto graph = method.graph();
        for_each_node(graph->block(), [&](torch::jit::Node* node) {
            const auto kind = std::string(node->kind().toQualString());
            const auto value = kind == "aten::masked_fill" || kind == "aten::masked_fill_" ? torch::jit::toIValue(node->input(2)) : std::nullopt;
            if (!value || !value->isTensor() || !value->toTensor().defined() || value->toTensor().dim() > 0 || value->toTensor().is_complex()) {
                return;
            }
            const torch::jit::WithInsertPoint before(node);
            node->replaceInput(2, graph->insertConstant(value->toTensor().item()));
        });
    }
}

}  // namespace cresset
