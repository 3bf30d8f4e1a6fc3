package dev.cresset.torch;

import java.util.List;
import org.bytedeco.pytorch.FunctionVector;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.StringVector;
import org.bytedeco.pytorch.StringVectorOptional;
import org.bytedeco.pytorch.attribute_iterator;
import org.bytedeco.pytorch.attribute_list;
import org.jspecify.annotations.Nullable;

/**
 * Freezes a module, and finds out by it whether the module changes itself.
 *
 * <p>The presets do not reach LibTorch's analysis of what a graph writes to, but freezing does that analysis: it folds
 * every attribute into the code that no method writes to, and leaves the others. So a module that is frozen with all of
 * its methods changes itself if an attribute is left, or code that sets one. An object of a C++ class, such as packed
 * weights, does not count: what those do is not the module's doing, nor known to anybody. A module that cannot be frozen
 * is taken for one that changes itself, which costs it speed and nothing else.
 */
final class PortableFreezer {

    private static final String FORWARD = "forward";

    private PortableFreezer() {}

    /** Where freezing leads to: the frozen module, or nothing, and whether the module changes itself. */
    record Outcome(@Nullable JitModule frozen, boolean stateful) {}

    /** Freezes a copy of a module in eval mode; the module stays as it is. */
    static Outcome freeze(JitModule module, List<String> methods) {
        boolean callable = methods.contains(FORWARD);
        JitModule candidate = module;
        if (!callable) {
            // Freezing insists on a forward, so the copy gets one; it is no use but to be looked at.
            candidate = module.clone(/* inplace= */ true);
            candidate.define("def forward(self) -> None:\n  pass\n");
        }
        StringVector others = new StringVector();
        methods.stream().filter(name -> !name.equals(FORWARD)).forEach(others::push_back);
        JitModule frozen;
        try {
            frozen = org.bytedeco.pytorch.global.torch.freeze(
                    candidate, new StringVectorOptional(others), /* optimize_numerics= */ true);
        } catch (RuntimeException e) {
            return new Outcome(null, true);
        }
        boolean stateful = keepsAttributes(frozen) || writesAttributes(frozen);
        return new Outcome(callable && !stateful ? frozen : null, stateful);
    }

    private static boolean keepsAttributes(JitModule frozen) {
        attribute_list attributes = frozen.attributes(/* recurse= */ true);
        attribute_iterator end = attributes.end();
        for (attribute_iterator at = attributes.begin(); at.notEquals(end); at.increment()) {
            IValue attribute = at.multiply();
            if (!attribute.isModule() && !attribute.isCustomClass()) {
                return true;
            }
        }
        return false;
    }

    private static boolean writesAttributes(JitModule frozen) {
        FunctionVector functions = frozen.type().methods();
        for (long i = 0; i < functions.size(); i++) {
            String name = PortableText.read(functions.get(i).getSchema().name());
            String code = frozen.get_method(name).graph().toString();
            // A call that is left after inlining goes through an interface: it may do anything.
            if (code.contains("prim::SetAttr") || code.contains("prim::CallMethod")) {
                return true;
            }
        }
        return false;
    }
}
