package dev.cresset.torch.exported;

import dev.cresset.pt2.Payload;
import dev.cresset.pt2.SymInt;
import dev.cresset.pt2.TensorMeta;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The tensors of a module, and the parts of the file that they lie in, which several may share. Used by one thread. */
final class Attributes {

    private record Place(long position, long length) {}

    private record Attribute(String name, boolean isParameter, int place, TensorMeta meta) {}

    private final Map<Place, Integer> places = new LinkedHashMap<>();
    private final List<Attribute> attributes = new ArrayList<>();
    private final Set<String> names = new HashSet<>();

    /** Its number. */
    int add(String name, Payload payload, boolean isParameter) {
        int place = places.computeIfAbsent(new Place(payload.position(), payload.length()), none -> places.size());
        String unique = "tensor_" + name;
        while (!names.add(unique)) {
            unique += "_";
        }
        attributes.add(new Attribute(unique, isParameter, place, payload.tensorMeta()));
        return attributes.size() - 1;
    }

    void write(Words to) {
        to.word(places.size());
        places.keySet().forEach(place -> to.word(place.position).word(place.length));
        to.word(attributes.size());
        for (Attribute attribute : attributes) {
            TensorMeta meta = attribute.meta;
            to.text(attribute.name)
                    .flag(attribute.isParameter)
                    .word(attribute.place)
                    .word(ScalarTypes.number(meta.dtype()))
                    .word(known(meta.storageOffset()))
                    .word(meta.sizes().size());
            meta.sizes().forEach(size -> to.word(known(size)));
            meta.strides().forEach(stride -> to.word(known(stride)));
        }
    }

    private static long known(SymInt number) {
        if (number instanceof SymInt.AsInt fixed) {
            return fixed.value();
        }
        throw new UnsupportedProgram("one of its stored tensors has no fixed size: " + number);
    }
}
