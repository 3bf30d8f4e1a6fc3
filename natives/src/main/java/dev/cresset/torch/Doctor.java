package dev.cresset.torch;

import dev.cresset.engine.Engine;
import dev.cresset.engine.EngineException;
import dev.cresset.engine.EngineProvider;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.jar.Attributes.Name;
import java.util.jar.Manifest;

/**
 * Says what this machine is, which engines run on it, why the others do not, and where their libraries were loaded from:
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
        for (EngineProvider provider : ServiceLoader.load(EngineProvider.class)) {
            try {
                Engine engine = provider.open();
                print("engine " + provider.name() + ": runs", engine.facts());
                any = true;
            } catch (EngineException e) {
                print("engine " + provider.name() + ": " + e.reason(), Map.of());
            }
        }
        print("libraries", LoadedLibraries.all());
        if (!any) {
            System.exit(1);
        }
    }

    /** As its jar says; packages of a named module have no versions, but its jar does. */
    private static String version() {
        String found = Doctor.class.getPackage().getImplementationVersion();
        if (found == null && Doctor.class.getModule().isNamed()) {
            try (InputStream in = Doctor.class.getResourceAsStream("/META-INF/MANIFEST.MF")) {
                found = in == null ? null : new Manifest(in).getMainAttributes().getValue(Name.IMPLEMENTATION_VERSION);
            } catch (IOException e) {
                // The rest is worth reading all the same.
            }
        }
        return found == null ? "of classes that are in no jar" : found;
    }

    private static void print(String title, Map<String, String> facts) {
        System.out.println(title);
        facts.forEach((name, value) -> System.out.printf("  %-18s %s%n", name, value));
    }
}
