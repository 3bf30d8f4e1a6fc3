package dev.cresset.testing;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreeScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/**
 * What the sources of a module reach in ways that a compiler ahead of time does not see: classes, members and resources by name, and
 * what is called from outside of Java. Read from the syntax alone, so that names count, not types.
 */
final class ReflectiveUses extends TreeScanner<@Nullable Void, @Nullable Void> {

    private static final Set<String> OF_TYPES = Set.of("forName", "loadClass", "findClass");
    private static final Set<String> OF_MEMBERS = Set.of(
            "getDeclaredField",
            "getDeclaredMethod",
            "getDeclaredConstructor",
            "getMethod",
            "getField",
            "findStatic",
            "findVirtual",
            "findSpecial",
            "findGetter",
            "findSetter",
            "findStaticGetter",
            "findVarHandle",
            "findStaticVarHandle");
    private static final Set<String> OF_RESOURCES = Set.of("getResource", "getResourceAsStream", "getResources");
    private static final Set<String> OF_PROXIES = Set.of("newProxyInstance");

    /** Native methods by class. */
    final SortedMap<String, SortedSet<String>> natives = new TreeMap<>();

    /** Classes whose fields the flight recorder reads. */
    final SortedSet<String> events = new TreeSet<>();

    /** Interfaces whose methods the MBean server looks at. */
    final SortedSet<String> beans = new TreeSet<>();

    /** What is named by literals. */
    final SortedSet<String> types = new TreeSet<>();

    final SortedSet<String> members = new TreeSet<>();

    /** Paths from the root of the class path. */
    final SortedSet<String> resources = new TreeSet<>();

    /** Methods that reach what a variable names, as {@code Class.method}. */
    final SortedSet<String> open = new TreeSet<>();

    private final Deque<String> classes = new ArrayDeque<>();
    private String packageName = "";
    private String method = "<init>";

    private ReflectiveUses() {}

    /** Of all sources below a folder. */
    static ReflectiveUses of(Path sources) throws IOException {
        JavaCompiler compiler = Objects.requireNonNull(ToolProvider.getSystemJavaCompiler(), "the tests need a JDK");
        ReflectiveUses uses = new ReflectiveUses();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
                Stream<Path> found = Files.walk(sources)) {
            List<Path> java = found.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> !file.endsWith("module-info.java"))
                    .sorted()
                    .toList();
            JavacTask task = (JavacTask) compiler.getTask(
                    null, files, null, List.of("-proc:none"), null, files.getJavaFileObjectsFromPaths(java));
            for (CompilationUnitTree unit : task.parse()) {
                uses.packageName = Objects.requireNonNull(unit.getPackageName()).toString();
                uses.scan(unit, null);
            }
        }
        return uses;
    }

    @Override
    public @Nullable Void visitClass(ClassTree tree, @Nullable Void unused) {
        String simple = tree.getSimpleName().toString();
        if (simple.isEmpty()) {
            return super.visitClass(tree, null);
        }
        classes.addLast(simple);
        if (tree.getExtendsClause() != null
                && tree.getExtendsClause().toString().equals("Event")) {
            events.add(binaryName());
        }
        if (tree.getKind() == Tree.Kind.INTERFACE && simple.endsWith("MXBean")) {
            beans.add(binaryName());
        }
        super.visitClass(tree, null);
        classes.removeLast();
        return null;
    }

    @Override
    public @Nullable Void visitMethod(MethodTree tree, @Nullable Void unused) {
        if (tree.getModifiers().getFlags().contains(Modifier.NATIVE)) {
            natives.computeIfAbsent(binaryName(), name -> new TreeSet<>()).add(signature(tree));
        }
        String outer = method;
        method = tree.getName().toString();
        super.visitMethod(tree, null);
        method = outer;
        return null;
    }

    private static String signature(MethodTree tree) {
        List<String> parameters = new ArrayList<>();
        for (VariableTree parameter : tree.getParameters()) {
            parameters.add(parameter.getType().toString().replaceAll("<.*>", ""));
        }
        return tree.getName() + parameters.toString();
    }

    @Override
    public @Nullable Void visitMethodInvocation(MethodInvocationTree tree, @Nullable Void unused) {
        String called = called(tree.getMethodSelect());
        if (OF_TYPES.contains(called) && !tree.getMethodSelect().toString().startsWith("Charset.")) {
            note(tree, types, "");
        } else if (OF_MEMBERS.contains(called)) {
            note(tree, members, "");
        } else if (OF_RESOURCES.contains(called)) {
            note(tree, resources, packageName.replace('.', '/') + "/");
        } else if (OF_PROXIES.contains(called)) {
            open.add(place());
        }
        return super.visitMethodInvocation(tree, null);
    }

    private static String called(ExpressionTree select) {
        if (select instanceof MemberSelectTree member) {
            return member.getIdentifier().toString();
        }
        return select instanceof IdentifierTree name ? name.getName().toString() : "";
    }

    private void note(MethodInvocationTree call, SortedSet<String> named, String before) {
        for (ExpressionTree argument : call.getArguments()) {
            if (argument instanceof LiteralTree literal && literal.getValue() instanceof String text) {
                named.add(before + text);
                return;
            }
        }
        if (!call.getArguments().isEmpty()) {
            open.add(place());
        }
    }

    private String binaryName() {
        return packageName + "." + String.join("$", classes);
    }

    private String place() {
        return String.join("$", classes) + "." + method;
    }
}
