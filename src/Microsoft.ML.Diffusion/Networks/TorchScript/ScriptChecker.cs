namespace Microsoft.ML.Diffusion;

/// <summary>Checks that code computes and does nothing else: every name leads to a variable, a part of a module, a function of the file or a permitted operator.</summary>
/// <remarks>What it answers with is what libtorch is given: the same code, in which types that an operator's meaning depends on are said.</remarks>
internal sealed class ScriptChecker(ScriptNames names)
{
    private readonly ScriptCallGraph _calls = new();
    private bool _changesContainers;

    /// <summary>Whether a call may change a list that the module holds, so that two at once would meet in it.</summary>
    public bool ChangesItself => _changesContainers && names.Classes.Any(declared => declared.Class.Attributes.Any(attribute => attribute.Constant is null && attribute.Type.IsContainer));

    /// <summary>The file as libtorch shall read it.</summary>
    /// <exception cref="ArgumentException">It does something else; names operator, file and line.</exception>
    public ScriptFile Check(ScriptFile file) => file with
    {
        Classes = [.. file.Classes.Select(declared => Check(file, declared))],
        Functions = [.. file.Functions.Select(function => Check(file, function, owner: null))],
    };

    /// <summary>Refuses code that grows beyond bounds, when all files are checked.</summary>
    /// <exception cref="ArgumentException">Says which function does.</exception>
    public void CheckSize() => _calls.Check();

    private ScriptClass Check(ScriptFile file, ScriptClass declared)
    {
        foreach (var attribute in declared.Attributes.Where(attribute => attribute.Constant is not null || attribute.Type.Name == "Final"))
            if (attribute.Type.Name != "Final" || attribute.Constant is null || !IsConstant(attribute.Constant))
                throw file.Source.Refuse(attribute.Line, $"'{attribute.Name}' is no constant");
        return declared with { Methods = [.. declared.Methods.Select(method => Check(file, method, $"{file.Source.Namespace}.{declared.Name}"))] };
    }

    private ScriptFunction Check(ScriptFile file, ScriptFunction function, string? owner)
    {
        if (owner is not null && (function.Parameters.Count == 0 || function.Parameters[0].Type.Name != owner))
            throw file.Source.Refuse(function.Line, $"the first parameter of {function.Name} is not of its class, {owner}");
        if (function.Parameters.GroupBy(parameter => parameter.Name).Any(group => group.Count() > 1))
            throw file.Source.Refuse(function.Line, $"two parameters of {function.Name} have one name");
        foreach (var type in function.Parameters.Select(parameter => parameter.Type).Append(function.Result))
            if (!names.Knows(type))
                throw file.Source.Refuse(function.Line, $"{function.Name} takes or gives {type}, of which the file has no class");
        foreach (var parameter in function.Parameters)
            if (parameter.Default is not null && !IsConstant(parameter.Default))
                throw file.Source.Refuse(function.Line, $"what {function.Name} takes for '{parameter.Name}' is no constant");
        var body = new ScriptBodyChecker(names, file.Source, function);
        var checkedBody = body.Check();
        _changesContainers |= body.ChangesContainers;
        _calls.Add(file.Source, function, body.Size, body.Calls);
        return function with { Body = checkedBody };
    }

    private static bool IsConstant(ScriptExpression value) => value switch
    {
        ScriptLiteral or ScriptText => true,
        ScriptItems items => items.Items.All(IsConstant),
        ScriptTyped { Word: "annotate", Type.IsSimple: true, Value: { } typed } => IsConstant(typed),
        ScriptDictionary items => items.Items.All(item => IsConstant(item.Key) && IsConstant(item.Value)),
        _ => false,
    };
}
