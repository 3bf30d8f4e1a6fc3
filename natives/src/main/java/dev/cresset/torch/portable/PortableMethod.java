package dev.cresset.torch.portable;

import dev.cresset.tensor.Signature;
import dev.cresset.tensor.Value;
import dev.cresset.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Argument;
import org.bytedeco.pytorch.FunctionSchema;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.Method;

/**
 * A method of a module, with the types that it declares. Lives as long as what it was kept in; safe for use by several
 * threads.
 */
final class PortableMethod {

    private final Method handle;
    private final List<PortableType> types;
    private final Signature.Method signature;

    private PortableMethod(Method handle, List<PortableType> types, Signature.Method signature) {
        this.handle = handle;
        this.types = types;
        this.signature = signature;
    }

    static PortableMethod of(JitModule module, String name, PortablePointers kept) {
        Method handle = kept.keep(module.get_method(name));
        FunctionSchema schema = handle.function().getSchema();
        List<PortableType> types = new ArrayList<>();
        List<Signature.Parameter> parameters = new ArrayList<>();
        Argument arguments = schema.arguments();
        long count = arguments.limit();
        for (long i = 1; i < count; i++) { // the first is the module itself
            Argument argument = arguments.getPointer(i);
            PortableType type = PortableType.of(argument.type(), kept);
            types.add(type);
            parameters.add(new Signature.Parameter(
                    PortableText.read(argument.name()),
                    ValueType.parse(type.text()),
                    argument.default_value().has_value()));
        }
        Argument returns = schema.returns();
        String result = returns.limit() == 0
                ? "NoneType"
                : PortableType.of(returns.type(), kept).text();
        return new PortableMethod(handle, types, new Signature.Method(name, parameters, ValueType.parse(result)));
    }

    Signature.Method signature() {
        return signature;
    }

    /** Calls it; the result is the caller's scope's. */
    IValue call(List<Value> arguments) {
        if (arguments.size() > types.size()) {
            throw PortableFailures.refused("too many arguments for " + signature.name());
        }
        IValueVector stack = new IValueVector();
        for (int i = 0; i < arguments.size(); i++) {
            stack.push_back(PortableArguments.value(arguments.get(i), types.get(i)));
        }
        return handle.apply(stack);
    }
}
