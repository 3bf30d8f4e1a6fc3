package dev.cresset.torch.exported;

import dev.cresset.pt2.ExportedProgram;
import dev.cresset.pt2.Pt2Archive;
import dev.cresset.tensor.ValueSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

/**
 * The programs of an archive, written down for the bridge.
 *
 * <p>Instances are immutable, safe for use by several threads.
 *
 * @param words what {@code exported/words.h} reads
 * @param methods what each method takes, by its name
 */
public record LoweredPrograms(ByteBuffer words, Map<String, Method> methods) {

    private static final String FORWARD = "forward";

    /** What {@code torch.export.save} calls its only program. */
    private static final String MODEL = "model";

    /**
     * What a method takes.
     *
     * @param parameters one by one
     * @param guards what must hold of them together
     * @param unread guards that say more than can be read here, as they stand in the file
     */
    public record Method(List<Parameter> parameters, List<Guard> guards, List<String> unread) {}

    /**
     * A parameter of a method.
     *
     * @param name its name in Python
     * @param spec what it must be like
     */
    public record Parameter(String name, ValueSpec spec) {}

    /**
     * Writes all programs down. The only one is the method {@code forward}, and so is one called {@code model}.
     *
     * @throws UnsupportedProgram if there is something in one that TorchScript has no words for
     */
    public static LoweredPrograms of(Pt2Archive archive, Map<String, ExportedProgram> programs) throws IOException {
        Attributes attributes = new Attributes();
        Words lowered = new Words().word(programs.size());
        Map<String, Method> methods = new LinkedHashMap<>();
        for (Map.Entry<String, ExportedProgram> entry : programs.entrySet()) {
            String name = entry.getKey();
            String method = programs.size() == 1 || name.equals(MODEL) ? FORWARD : name;
            ExportedProgram program = entry.getValue();
            ProgramLowering lowering =
                    new ProgramLowering(attributes, program, archive.weights(name), archive.constants(name));
            methods.put(method, lower(lowering, method, lowered));
        }
        Words all = new Words();
        attributes.write(all);
        all.append(lowered);
        return new LoweredPrograms(all.toDirectBuffer(), methods);
    }

    /** A graph that no writer would write may break a rule that nothing here looks at. */
    private static Method lower(ProgramLowering lowering, String method, Words to) {
        try {
            return lowering.lower(method, to);
        } catch (IndexOutOfBoundsException
                | ClassCastException
                | ArithmeticException
                | IllegalArgumentException
                | NoSuchElementException e) {
            throw new UnsupportedProgram(
                    "its graph is none that torch.export writes (" + e + "); export and save the model again", e);
        }
    }
}
