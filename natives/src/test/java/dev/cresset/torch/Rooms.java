package dev.cresset.torch;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.HashSet;
import java.util.Set;

/**
 * The rooms of the house: each package is one, and those that have an inside, core's and mar-format's, have two floors. A
 * class there that needs anything of the inside, itself or through another, is a door; all others are values, which every room
 * may name.
 */
final class Rooms implements SliceAssignment {

    private static final Set<String> TWO_FLOORS = Set.of("dev.cresset", "dev.cresset.mar", "dev.cresset.pt2");

    private final Set<JavaClass> doors = new HashSet<>();

    Rooms(JavaClasses classes) {
        boolean found = true;
        while (found) {
            found = false;
            for (JavaClass one : classes) {
                found |= isOfTwoFloors(one) && needsTheInside(one) && doors.add(one);
            }
        }
    }

    private boolean needsTheInside(JavaClass one) {
        return one.getDirectDependenciesFromSelf().stream()
                .map(dependency -> dependency.getTargetClass().getBaseComponentType())
                .anyMatch(target -> target.getPackageName().startsWith(one.getPackageName() + ".internal")
                        || (target.getPackageName().equals(one.getPackageName()) && doors.contains(target)));
    }

    private static boolean isOfTwoFloors(JavaClass one) {
        return TWO_FLOORS.contains(one.getPackageName());
    }

    @Override
    public SliceIdentifier getIdentifierOf(JavaClass one) {
        if (!one.getPackageName().startsWith("dev.cresset")) {
            return SliceIdentifier.ignore();
        }
        return isOfTwoFloors(one)
                ? SliceIdentifier.of(one.getPackageName(), doors.contains(one) ? "doors" : "values")
                : SliceIdentifier.of(one.getPackageName());
    }

    @Override
    public String getDescription() {
        return "rooms";
    }
}
