package dev.cresset.torch.exported;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * What becomes of the module's tensors, and of the caller's, at the end of a call. A decomposed program changes nothing on the way and
 * lists the new values. Used by one thread.
 */
final class Mutations {

    private final Nodes nodes;
    private final Collection<Operand> kept;
    private final List<Operand> targets = new ArrayList<>();
    private final List<Operand> news = new ArrayList<>();

    Mutations(Nodes nodes, Collection<Operand> kept) {
        this.nodes = nodes;
        this.kept = kept;
    }

    /** What is another tensor of the module is copied before any of them is written to: two may change places. */
    void add(Operand target, Operand value) {
        if (!target.equals(value)) {
            targets.add(target);
            news.add(kept.contains(value) ? nodes.call("aten::clone", "", "self", value) : value);
        }
    }

    void write() {
        for (int i = 0; i < targets.size(); i++) {
            nodes.call("aten::copy_", "", "self", targets.get(i), "src", news.get(i));
        }
    }
}
