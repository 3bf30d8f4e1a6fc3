package dev.cresset.internal.services;

import java.util.Collection;
import java.util.List;

/**
 * Cresset's own services whose classes are here and whose services files are not. Whoever merges jars into one without
 * saying otherwise keeps the first file of each name, and which jar's that is depends on the order of dependencies.
 */
public final class LostServices {

    private LostServices() {}

    /**
     * What happened and the way out, to end a sentence with; empty if nothing was lost.
     *
     * @param service what is looked for
     * @param ours the classes of Cresset that offer it, in any of its jars
     * @param found what was found
     */
    public static String explain(Class<?> service, List<String> ours, Collection<?> found) {
        List<String> lost = ours.stream()
                .filter(name ->
                        found.stream().noneMatch(one -> one.getClass().getName().equals(name)))
                .filter(LostServices::isHere)
                .toList();
        if (lost.isEmpty()) {
            return "";
        }
        String file = "META-INF/services/" + service.getName();
        return "; " + String.join(" and ", lost) + " can be loaded, but no " + file
                + " names it: those files were lost when"
                + " jars were merged into one; have them merged, too (maven-shade: ServicesResourceTransformer; Gradle's"
                + " shadow: mergeServiceFiles())";
    }

    private static boolean isHere(String name) {
        try {
            Class.forName(name, /* initialize= */ false, LostServices.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException | LinkageError e) {
            return false;
        }
    }
}
