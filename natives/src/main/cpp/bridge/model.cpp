#include "bridge/model.h"

#include <torch/csrc/jit/api/function_impl.h>

#include <optional>
#include <sstream>
#include <utility>

#include "bridge/device_call.h"
#include "bridge/device_transfer.h"
#include "bridge/devices.h"
#include "kernels/kernels.h"
#include "passes/chunks.h"
#include "passes/constants.h"
#include "passes/devices.h"
#include "passes/folding.h"

namespace cresset {

namespace {

// In its second run, LibTorch specialises a function by what it saw in its first.
constexpr int kFirstRuns = 3;

std::map<std::string, Effects> effects_of_methods(const torch::jit::Module& module) {
    std::map<std::string, Effects> effects;
    for (const auto& method : module.get_methods()) {
        effects.emplace(method.name(), effects_of(module, method));
    }
    return effects;
}

// Freezes with every method kept. Some modules cannot be frozen (one
// without forward, one that returns itself); the plain module computes the same.
std::optional<torch::jit::Module> freeze_all(const torch::jit::Module& module) {
    if (!module.find_method("forward")) {
        return std::nullopt;
    }
    make_numbers_of_constants(module);
    try {
        auto frozen = torch::jit::freeze(module, methods_besides_forward(module), /* optimize_numerics= */ false);
        for (const auto& method : frozen.get_methods()) {
            fold_into_convolutions(method.graph());
        }
        keep_constants_tensors(frozen);
        return frozen;
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

// A clone lives in its original's compilation unit, which keeps the clone's methods, and so the weights that are constants in
// them, for as long as the original is there. Only the clone's own type is touched: submodules may still be the original's.
void forget_methods(const torch::jit::Module& clone) {
    auto type = clone.type();
    auto unit = clone._ivalue()->compilation_unit();
    for (const auto& method : clone.get_methods()) {
        auto name = method.name();
        auto qualified_name = method.function().qualname();
        type->unsafeRemoveMethod(name);
        unit->unsafeRemoveMethod(qualified_name);
    }
}

// The type in the few words that dev.cresset.tensor.ValueType reads.
std::string type_text(const c10::TypePtr& type) {
    switch (type->kind()) {
        case c10::TypeKind::OptionalType:
            return "Optional[" + type_text(type->castRaw<c10::OptionalType>()->getElementType()) + "]";
        case c10::TypeKind::ListType:
            return "List[" + type_text(type->castRaw<c10::ListType>()->getElementType()) + "]";
        case c10::TypeKind::DictType: {
            auto* dict = type->castRaw<c10::DictType>();
            return "Dict[" + type_text(dict->getKeyType()) + ", " + type_text(dict->getValueType()) + "]";
        }
        case c10::TypeKind::TupleType: {
            std::string text = "Tuple[";
            const char* separator = "";
            for (const auto& element : type->castRaw<c10::TupleType>()->elements()) {
                text += separator + type_text(element);
                separator = ", ";
            }
            return text + "]";
        }
        case c10::TypeKind::TensorType:
            return "Tensor";
        default:
            return type->annotation_str();
    }
}

void copy_into(const at::Tensor& result, const at::Tensor& output, size_t index) {
    if (result.scalar_type() != output.scalar_type() || result.sizes() != output.sizes()) {
        std::ostringstream text;
        text << "result " << index << " is " << c10::toString(result.scalar_type()) << result.sizes()
             << ", the tensor bound for it is " << c10::toString(output.scalar_type()) << output.sizes();
        throw Refused(text.str());
    }
    if (is_plain(result)) {
        std::memmove(output.data_ptr(), result.data_ptr(), result.nbytes());
    } else {
        output.copy_(result, /* non_blocking= */ true);  // of a device's; the CPU's is there when this returns
    }
}

void flatten(const c10::IValue& value, std::vector<at::Tensor>& tensors) {
    if (value.isTensor()) {
        tensors.push_back(value.toTensor());
    } else if (value.isTuple()) {
        for (const auto& element : value.toTupleRef().elements()) {
            flatten(element, tensors);
        }
    } else if (value.isList()) {
        for (const auto& element : value.toListRef()) {
            flatten(element, tensors);
        }
    } else {
        throw Refused("only tensors can be bound as outputs, the result has a value of type " +
                      value.type()->annotation_str());
    }
}

}  // namespace

Model::Model(Source source, c10::Device device, int threads, bool may_freeze, int64_t graphs)
    : module_(source()), device_(device), threads_(threads), graphs_(device.is_cpu() ? 0 : graphs) {
    module_.eval();
    name_chunks_as_views(module_);
    count_first_runs();
    effects_ = std::make_shared<const MethodEffects>(effects_of_methods(module_));
    stateful_ = std::any_of(
        effects_->begin(), effects_->end(), [](const auto& method) { return method.second.changes_state; });
    // Freezing follows a task (torch.jit.fork) by its first input, and ends the process where none is left: where the task does not
    // look at what it is given.
    const bool starts_tasks =
        std::any_of(effects_->begin(), effects_->end(), [](const auto& method) { return method.second.starts_tasks; });
    // So would LibTorch's executor compute it, once for all calls, as it runs the module.
    const bool writes_what_is_computed_beforehand = std::any_of(
        effects_->begin(), effects_->end(), [](const auto& method) { return method.second.writes_constants; });
    if (writes_what_is_computed_beforehand && !starts_tasks) {
        run_as_written();
        return;
    }
    if (!may_freeze || stateful_ || starts_tasks) {
        return;
    }
    if (auto frozen = freeze_all(module_)) {
        source_ = std::move(source);
        module_ = *frozen;
        if (!device_.is_cpu()) {
            fill_by_numbers(module_);
        }
        how_ = Optimization::kFrozen;
        cloned_ = true;
    }
}

Model::Model(const Model& other, torch::jit::Module module, Optimization how, std::optional<at::ScalarType> reduced)
    : module_(std::move(module)),
      device_(other.device_),
      effects_(other.effects_),
      threads_(other.threads_),
      how_(how),
      cloned_(how != Optimization::kAsIs),
      reduced_(reduced),
      graphs_(other.graphs_.most()) {
    count_first_runs();
}

void Model::run_as_written() {
    make_numbers_of_constants(module_);
    for (const auto& method : module_.get_methods()) {
        codes_.emplace(method.name(), torch::jit::Code(method.graph(), method.name()));
    }
}

void Model::count_first_runs() {
    if (!device_.is_cpu()) {
        for (const auto& method : module_.get_methods()) {
            first_runs_[method.name()] = kFirstRuns;
        }
    }
}

Model::~Model() {
    if (cloned_) {
        forget_methods(module_);
    }
}

std::unique_ptr<Model> Model::reduced(at::ScalarType numbers) const {
    if (device_.is_cpu() && numbers == at::kHalf) {
        throw Refused("float16 is for GPUs; CPUs compute with bfloat16 (Precision.BFLOAT16)");
    }
    if (device_.is_cpu() && !has_bfloat16()) {
        throw Refused("this CPU has no instructions for bfloat16 (AVX512_BF16)");
    }
    if (!source_) {
        throw Refused("a module that cannot be frozen, or that keeps state, has the precision that it was saved with");
    }
    std::unique_ptr<Model> reduced(new Model(*this, in_precision(module_, numbers, device_), Optimization::kFrozen, numbers));
    reduced->source_ = source_;
    return reduced;
}

std::unique_ptr<Model> Model::optimized(Optimization how) const {
    if (!source_) {
        throw Refused("the module is not frozen, or no other way to compute it was to be asked for any more");
    }
    Threads threads = Threads::limited_to(threads_);
    if (how == Optimization::kAsIs) {
        auto saved = source_();
        saved.eval();
        return std::unique_ptr<Model>(new Model(*this, std::move(saved), how, std::nullopt));
    }
    std::unique_ptr<Model> model(new Model(*this, copied(module_), how, reduced_));
    if (!optimize(model->module_, how)) {
        model->how_ = Optimization::kFrozen;
    }
    if (is_direct(model->how_)) {
        for (const auto& method : model->module_.get_methods()) {
            model->codes_.emplace(method.name(), torch::jit::Code(method.graph(), method.name()));
        }
    } else {
        keep_constants_tensors(model->module_);
    }
    return model;
}

void Model::lay_out_channels_last(torch::jit::Stack& arguments) {
    for (auto& argument : arguments) {
        if (argument.isTensor() && argument.toTensor().dim() == 4) {
            argument = argument.toTensor().contiguous(at::MemoryFormat::ChannelsLast);
        }
    }
}

Method Model::method(const std::string& name) const {
    auto found = module_.find_method(name);
    if (!found) {
        throw Refused("the module has no method '" + name + "'");
    }
    const auto& effects = effects_->at(name);
    const auto code = codes_.find(name);
    const auto first = first_runs_.find(name);
    return {&found->function(), stateful_ || effects.writes_arguments, effects.starts_tasks,
            code == codes_.end() || effects.starts_tasks ? nullptr : &code->second, first == first_runs_.end() ? nullptr : &first->second};
}

std::unique_ptr<torch::jit::Code> Model::unshared(const Method& method) const {
    if (how_ != Optimization::kDirect || method.code == nullptr) {
        return nullptr;
    }
    const auto graph = torch::jit::toGraphFunction(*method.function).graph()->copy();
    return std::make_unique<torch::jit::Code>(graph, method.function->name());
}

void Model::describe(Writer& reply) const {
    reply.word(stateful_);
    const auto forward = effects_->find("forward");
    reply.word(forward != effects_->end() && forward->second.may_not_end);
    auto others = source_ ? optimizations(device_) : std::vector<Optimization>();
    reply.word(static_cast<int64_t>(how_));
    reply.word(!reduced_ ? kAsSaved : *reduced_ == at::kHalf ? kFloat16 : kBfloat16);
    reply.word(static_cast<int64_t>(others.size()));
    for (auto other : others) {
        reply.word(static_cast<int64_t>(other));
    }
    auto methods = module_.get_methods();
    reply.word(static_cast<int64_t>(methods.size()));
    for (const auto& method : methods) {
        const auto& schema = method.function().getSchema();
        reply.text(method.name());
        reply.word(static_cast<int64_t>(schema.arguments().size()) - 1);
        for (size_t i = 1; i < schema.arguments().size(); i++) {
            const auto& argument = schema.arguments()[i];
            reply.text(argument.name());
            reply.text(type_text(argument.type()));
            reply.word(argument.default_value().has_value());
        }
        reply.text(schema.returns().empty() ? "NoneType" : type_text(schema.returns()[0].type()));
    }
    reply.word(kind_of(device_));
    reply.word(device_.is_cpu() ? 0 : device_.index());
}

torch::jit::Stack Model::arguments(const torch::jit::Function& method, Reader& request) const {
    const auto& schema = method.getSchema();
    int64_t count = request.word();
    if (count >= static_cast<int64_t>(schema.arguments().size())) {
        throw Refused("too many arguments for " + method.name());
    }
    torch::jit::Stack stack;
    stack.reserve(schema.arguments().size());
    stack.emplace_back(module_._ivalue());
    for (int64_t i = 0; i < count; i++) {
        stack.push_back(request.value(schema.arguments()[i + 1].type()));
    }
    try {
        schema.checkAndNormalizeInputs(stack);
    } catch (const c10::Error& error) {
        throw Refused(error.what_without_backtrace());
    }
    return stack;
}

Call::Call(Model& model, Reader& request)
    : model_(model),
      method_(model.method(request.text())),
      unshared_(model.unshared(method_)),
      arguments_(model.arguments(*method_.function, request)) {
    if (unshared_) {
        method_.code = unshared_.get();
        arguments_.front() = arguments_.front().toObject()->copy();
    }
    int64_t outputs = request.word();
    for (int64_t i = 0; i < outputs; i++) {
        request.word();  // the tag
        outputs_.push_back(request.tensor());
    }
    if (!model.device().is_cpu()) {
        on_device_ = std::make_unique<DeviceCall>(model, method_, arguments_);
    }
}

Call::~Call() = default;

void Call::start() {
    on_device_->start([&](const c10::IValue& result) {
        if (outputs_.empty()) {
            result_ = to_host(result, /* pinned= */ true);
        } else {
            write(result);
        }
    });
}

void Call::await() {
    reply_.word(on_device_->await());
    if (outputs_.empty()) {
        write(std::exchange(result_, {}));
    }
}

void Call::run() {
    if (on_device_) {
        start();
        await();
        return;
    }
    // Whatever happens, what the run made is let go of.
    struct Emptied {
        torch::jit::Stack& stack;
        ~Emptied() { stack.clear(); }
    } emptied{stack_};
    stack_ = arguments_;
    model_.run(method_, stack_, [&](const c10::IValue& result) { write(result); });
}

void Call::write(const c10::IValue& result) {
    if (outputs_.empty()) {
        reply_.value(result, /* inlined= */ true);
        return;
    }
    if (result.isTensor() && outputs_.size() == 1) {
        copy_into(result.toTensor(), outputs_[0], 0);
        return;
    }
    std::vector<at::Tensor> tensors;
    flatten(result, tensors);
    if (tensors.size() != outputs_.size()) {
        throw Refused("the result has " + std::to_string(tensors.size()) + " tensors, " +
                      std::to_string(outputs_.size()) + " are bound");
    }
    for (size_t i = 0; i < tensors.size(); i++) {
        copy_into(tensors[i], outputs_[i], i);
    }
}

}  // namespace cresset
