package dev.cresset.torch;

import dev.cresset.engine.Engine;
import dev.cresset.engine.EngineException;
import dev.cresset.engine.EngineProvider;
import dev.cresset.torch.libraries.GpuFacts;
import dev.cresset.torch.libraries.LoadedLibraries;
import dev.cresset.torch.libraries.NativeLibraries;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Says what this machine is, which engines run on it, why the others do not, where LibTorch comes from, what is there of what
 * it takes to work on GPUs, and where libraries were loaded from:
 * {@code java -cp ... dev.cresset.torch.Doctor}. Its output belongs into a bug report.
 */
public final class Doctor {

    private Doctor() {}

    /** Prints the report. Ends with 1 if no engine runs. */
    public static void main(String[] args) {
        Map<String, String> machine = new LinkedHashMap<>();
        machine.put("Cresset", version());
        machine.put("platform", NativeLibraries.platform());
        machine.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        machine.put("Java", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        machine.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
        print("machine", machine);
        boolean any = false;
        for (EngineProvider provider : EngineProvider.all()) {
            try {
                Engine engine = provider.open();
                print("engine " + provider.name() + ": runs", engine.facts());
                any = true;
            } catch (EngineException e) {
                print("engine " + provider.name() + ": " + e.reason(), Map.of());
            }
        }
        print("LibTorch and GPUs", GpuFacts.all());
        print("libraries", LoadedLibraries.all());
        if (!any) {
            System.exit(1);
        }
    }

    /** As its build wrote it down, among its classes: a manifest is another's where jars are merged into one. */
    private static String version() {
        try (InputStream in = Doctor.class.getResourceAsStream("version.txt")) {
            return in == null
                    ? "of an unknown version: version.txt is not beside its classes"
                    : new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            // The rest is worth reading all the same.
            return "of an unknown version: " + e;
        }
    }

    private static void print(String title, Map<String, String> facts) {
        System.out.println(title);
        facts.forEach((name, value) -> System.out.printf("  %-18s %s%n", name, value));
    }
}
