package dev.cresset.torch.portable;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Type;
import org.bytedeco.pytorch.global.torch;

/**
 * The type that a method declares for an argument or a result, taken out of LibTorch once. Lives as long as what it was
 * kept in; safe for use by several threads.
 *
 * @param kind what the type is before its brackets
 * @param handle LibTorch's type
 * @param contained the types in the brackets of an optional, a list, a dict, a tuple or a union
 * @param text the type in the words that {@link dev.cresset.tensor.ValueType} reads
 */
record PortableType(torch.TypeKind kind, Type.TypePtr handle, List<PortableType> contained, String text) {

    static PortableType of(Type.TypePtr declared, PortablePointers kept) {
        Type.TypePtr handle = kept.keep(new Type.TypePtr(declared));
        Type type = handle.get();
        torch.TypeKind kind = type.kind().intern();
        List<PortableType> contained = new ArrayList<>();
        // Other types may contain themselves: a class, what its attributes are.
        if (isGeneric(kind)) {
            for (long i = 0; i < type.containedTypeSize(); i++) {
                contained.add(of(type.containedType(i), kept));
            }
        }
        return new PortableType(kind, handle, List.copyOf(contained), text(kind, type, contained));
    }

    private static boolean isGeneric(torch.TypeKind kind) {
        return switch (kind) {
            case OptionalType, ListType, DictType, TupleType, UnionType -> true;
            default -> false;
        };
    }

    private static String text(torch.TypeKind kind, Type type, List<PortableType> contained) {
        String inBrackets = contained.stream().map(PortableType::text).collect(Collectors.joining(", ", "[", "]"));
        return switch (kind) {
            case OptionalType -> "Optional" + inBrackets;
            case ListType -> "List" + inBrackets;
            case DictType -> "Dict" + inBrackets;
            case TupleType -> "Tuple" + inBrackets;
            case TensorType -> "Tensor";
            default -> PortableText.read(type.annotation_str());
        };
    }
}
