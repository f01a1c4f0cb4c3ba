using Mono.Cecil;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

/// <summary>What the types of a compiled assembly use of each other: in signatures, attributes and bodies. Values of constants and enumerations are not seen, since the compiler copies them.</summary>
internal static class TypeReferences
{
    /// <summary>All pairs of types, neither within another, of which one uses the other.</summary>
    /// <param name="path">The assembly.</param>
    public static IReadOnlySet<(string From, string To)> Read(string path)
    {
        using var module = ModuleDefinition.ReadModule(path);
        var found = new HashSet<(string, string)>();
        foreach (var type in module.Types)
            foreach (var used in OfType(type).SelectMany(Parts))
                if (Outermost(used) is { } other && other.Scope == module && other.FullName != type.FullName)
                    found.Add((Name(type), Name(other)));
        return found;
    }

    private static IEnumerable<TypeReference?> OfType(TypeDefinition type)
        => [type.BaseType, .. OfAttributes(type), .. type.Interfaces.Select(each => each.InterfaceType), .. OfParameters(type),
            .. type.Fields.SelectMany(field => OfAttributes(field).Append(field.FieldType)), .. type.Properties.SelectMany(OfAttributes),
            .. type.Methods.SelectMany(OfMethod), .. type.NestedTypes.SelectMany(OfType)];

    private static IEnumerable<TypeReference?> OfMethod(MethodDefinition method)
        => [method.ReturnType, .. OfAttributes(method), .. OfParameters(method), .. method.Parameters.SelectMany(parameter => OfAttributes(parameter).Append(parameter.ParameterType)),
            .. method.HasBody ? OfBody(method) : []];

    private static IEnumerable<TypeReference?> OfBody(MethodDefinition method)
        => [.. method.Body.Variables.Select(variable => variable.VariableType), .. method.Body.ExceptionHandlers.Select(handler => handler.CatchType),
            .. method.Body.Instructions.SelectMany(instruction => OfOperand(instruction.Operand))];

    private static IEnumerable<TypeReference?> OfOperand(object? operand) => operand switch
    {
        TypeReference type => [type],
        FieldReference field => [field.DeclaringType, field.FieldType],
        GenericInstanceMethod method => [.. method.GenericArguments, .. OfOperand(method.ElementMethod)],
        MethodReference method => [method.DeclaringType, method.ReturnType, .. method.Parameters.Select(parameter => parameter.ParameterType)],
        _ => [],
    };

    private static IEnumerable<TypeReference?> OfAttributes(ICustomAttributeProvider provider)
        => provider.CustomAttributes.SelectMany(attribute => attribute.ConstructorArguments.Select(argument => argument.Value as TypeReference).Append(attribute.AttributeType));

    private static IEnumerable<TypeReference?> OfParameters(IGenericParameterProvider provider) => provider.GenericParameters.SelectMany(parameter => parameter.Constraints).Select(each => each.ConstraintType);

    private static IEnumerable<TypeReference> Parts(TypeReference? type) => type switch
    {
        null or GenericParameter => [],
        GenericInstanceType generic => [generic.ElementType, .. generic.GenericArguments.SelectMany(Parts)],
        TypeSpecification made => Parts(made.ElementType),
        _ => [type],
    };

    private static TypeReference? Outermost(TypeReference type) => type.DeclaringType is { } outer ? Outermost(outer) : type;

    // Without the number of its parameters.
    private static string Name(TypeReference type) => type.Name.Split('`')[0];
}
