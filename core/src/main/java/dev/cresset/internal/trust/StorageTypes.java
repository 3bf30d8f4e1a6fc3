package dev.cresset.internal.trust;

import java.util.Map;

/** The types of storages that LibTorch knows, by what Python calls their classes. */
final class StorageTypes {

    /** Bytes of an element, by the name of its storage's class in Python. */
    private static final Map<String, Integer> ELEMENT_BYTES = Map.ofEntries(
            Map.entry("Bool", 1),
            Map.entry("Byte", 1),
            Map.entry("Char", 1),
            Map.entry("QInt8", 1),
            Map.entry("QUInt8", 1),
            Map.entry("QUInt4x2", 1),
            Map.entry("QUInt2x4", 1),
            Map.entry("Bits1x8", 1),
            Map.entry("Bits2x4", 1),
            Map.entry("Bits4x2", 1),
            Map.entry("Bits8", 1),
            Map.entry("Float8_e5m2", 1),
            Map.entry("Float8_e4m3fn", 1),
            Map.entry("Float8_e5m2fnuz", 1),
            Map.entry("Float8_e4m3fnuz", 1),
            Map.entry("Float8_e8m0fnu", 1),
            Map.entry("Bits16", 2),
            Map.entry("Short", 2),
            Map.entry("UInt16", 2),
            Map.entry("Half", 2),
            Map.entry("BFloat16", 2),
            Map.entry("Int", 4),
            Map.entry("UInt32", 4),
            Map.entry("QInt32", 4),
            Map.entry("Float", 4),
            Map.entry("ComplexHalf", 4),
            Map.entry("Long", 8),
            Map.entry("UInt64", 8),
            Map.entry("Double", 8),
            Map.entry("ComplexFloat", 8),
            Map.entry("ComplexDouble", 16));

    /** How many numbers a byte of these holds, as far as a tensor's size counts them. */
    private static final Map<String, Integer> NUMBERS_IN_A_BYTE =
            Map.of("QUInt4x2", 2, "QUInt2x4", 4, "Bits1x8", 8, "Bits2x4", 4, "Bits4x2", 2);

    private static final String STORAGE = "Storage";

    private StorageTypes() {}

    /** The type of a class such as {@code torch.FloatStorage}; empty if that is none of a storage. */
    static String of(String className) {
        return className.startsWith("torch.") && className.endsWith(STORAGE)
                ? className.substring("torch.".length(), className.length() - STORAGE.length())
                : "";
    }

    /** Zero if there is no such type. */
    static int elementBytes(String type) {
        return ELEMENT_BYTES.getOrDefault(type, 0);
    }

    static int numbersInAByte(String type) {
        return NUMBERS_IN_A_BYTE.getOrDefault(type, 1);
    }
}
