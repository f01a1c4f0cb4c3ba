namespace Microsoft.ML.Diffusion;

/// <summary>Checks the statements of one function.</summary>
internal sealed partial class ScriptBodyChecker
{
    private static readonly HashSet<string> Taken =
    [
        "torch", "ops", "CONSTANTS", "__torch__", "getattr", "int", "float", "bool", "str", "range", "annotate", "unchecked_cast", "uninitialized", "inf", "nan", "infj", "nanj",
    ];

    private readonly ScriptNames _names;
    private readonly ScriptSource _source;
    private readonly ScriptFunction _function;
    private readonly Dictionary<string, ScriptKind> _variables = [];

    public ScriptBodyChecker(ScriptNames names, ScriptSource source, ScriptFunction function)
    {
        _names = names;
        _source = source;
        _function = function;
        foreach (var parameter in function.Parameters)
            Set(function.Line, parameter.Name, ScriptKind.Of(parameter.Type));
    }

    /// <summary>Whether it changes lists or dictionaries.</summary>
    public bool ChangesContainers { get; private set; }

    /// <summary>The number of its operations.</summary>
    public int Size { get; private set; } = 1;

    /// <summary>The functions of the file that it calls, each as often as it does.</summary>
    public List<ScriptFunction> Calls { get; } = [];

    /// <summary>The statements as libtorch shall read them.</summary>
    /// <exception cref="ArgumentException">One does more than compute; says which.</exception>
    public IReadOnlyList<ScriptStatement> Check() => Check(_function.Body);

    private ScriptStatement[] Check(IReadOnlyList<ScriptStatement> block) => [.. block.Where(statement => !IsWarning(statement)).Select(Check)];

    // What it would print is no part of the result.
    private static bool IsWarning(ScriptStatement statement)
        => statement is ScriptAssignment { Names.Count: 0, Value: ScriptCall { Callee: ScriptMember { Path: "torch.warn" } } warning } && warning.Arguments.All(argument => argument is ScriptLiteral or ScriptText);

    private ScriptStatement Check(ScriptStatement statement)
    {
        switch (statement)
        {
            case ScriptAssignment assignment:
                var (value, kind) = Check(assignment.Value);
                if (assignment.Unpacks && !kind.IsValue)
                    throw _source.Refuse(assignment.Line, $"{kind} has no parts");
                foreach (string name in assignment.Names)
                    Set(assignment.Line, name, kind);
                return assignment with { Value = value };
            case ScriptReturn { Value: { } answer } answering:
                return answering with { Value = Check(answer, ScriptKind.Of(_function.Result)) };
            case ScriptIf branch:
                return branch with { Condition = Value(branch.Condition), Then = Check(branch.Then), Else = Check(branch.Else) };
            case ScriptLoop loop:
                var over = Value(loop.Over);
                if (loop.Name is { } counter)
                    Set(loop.Line, counter, default);
                return loop with { Over = over, Body = Check(loop.Body) };
            default:
                return statement;
        }
    }

    private void Set(int line, string name, ScriptKind kind)
    {
        if (Taken.Contains(name))
            throw _source.Refuse(line, $"'{name}' is no name for a variable");
        // A variable is one kind of thing everywhere, so that its parts are those that were checked.
        if (!_variables.TryAdd(name, kind) && _variables[name] != kind)
            throw _source.Refuse(line, $"'{name}' is {_variables[name]} and {kind}");
    }

    private ScriptExpression Value(ScriptExpression expression) => Check(expression, default);

    private ScriptExpression Check(ScriptExpression expression, ScriptKind expected)
    {
        var (value, kind) = Check(expression);
        return kind == expected ? value : throw _source.Refuse(expression.Line, $"expected {expected}, got {kind}");
    }
}
