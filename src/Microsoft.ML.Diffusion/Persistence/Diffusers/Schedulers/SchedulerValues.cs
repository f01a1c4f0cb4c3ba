namespace Microsoft.ML.Diffusion;

/// <summary>The options of a scheduler_config.json by the table of its class. What the class does not have is dropped, as the class drops it; what has no counterpart is refused by name.</summary>
internal sealed class SchedulerValues
{
    private readonly DiffusersOptions _config;
    private readonly Dictionary<string, SchedulerOption> _table;
    private readonly HashSet<string> _unread;
    private readonly HashSet<string> _effective = [];

    /// <summary>The options of a file.</summary>
    /// <exception cref="NotSupportedException">An option is null that must not be; names it.</exception>
    public SchedulerValues(DiffusersOptions config, SchedulerClass scheduler)
    {
        _config = config;
        _table = scheduler.Options.ToDictionary(option => option.Name);
        _unread = [.. _table.Keys];
        foreach (var option in scheduler.Options)
            if (option.Default is not null && config.IsNull(option.Name))
                throw Refuse(option.Name, "must have a value, got null");
    }

    /// <summary>The options of the file that the class does not have and drops.</summary>
    public IReadOnlyList<string> Dropped => [.. _config.Names.Where(name => !name.StartsWith('_') && !_table.ContainsKey(name) && !_effective.Contains(name))];

    public int Whole(string name, int least, int most) => _config.Whole(name, Missing<int>(name), most, least);

    public double Number(string name) => _config.Number(name, Missing<double>(name));

    /// <summary>A number above 0.</summary>
    public double Positive(string name) => _config.Positive(name, Missing<double>(name));

    /// <summary>A number, or null where the option says nothing.</summary>
    public double? NumberOrNull(string name)
    {
        _unread.Remove(name);
        return _config.Has(name) ? _config.Number(name, 0) : null;
    }

    /// <summary>A number that may be −∞, which is null.</summary>
    public double? Bound(string name)
    {
        double value = _config.Number(name, Missing<double>(name), "a finite number or -Infinity", number => double.IsFinite(number) || double.IsNegativeInfinity(number));
        return double.IsNegativeInfinity(value) ? null : value;
    }

    /// <summary>An option that the class has no argument for, but looks up all the same.</summary>
    public double? Hidden(string name)
    {
        _effective.Add(name);
        return _config.Has(name) ? _config.Number(name, 0) : null;
    }

    public bool Flag(string name) => _config.Flag(name, Missing<bool>(name));

    public TValue Word<TValue>(string name, params IReadOnlyList<(string Word, TValue Meaning)> known) => _config.Choice(name, Missing<string>(name), known);

    /// <summary>A word, or null where the option says nothing.</summary>
    public string? WordOrNull(string name)
    {
        _unread.Remove(name);
        return _config.Has(name) ? _config.Text(name, "") : null;
    }

    public IReadOnlyList<double>? Numbers(string name)
    {
        _unread.Remove(name);
        return _config.Has(name) ? _config.Numbers(name) : null;
    }

    public IReadOnlyList<int> Places(string name)
    {
        _unread.Remove(name);
        return _config.Places(name);
    }

    /// <summary>Knows options that the class has for others, or for what changes no number of a run.</summary>
    public void WithoutEffect(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            // Of the right type all the same: a file that is wrong there was not written by the class.
            _ = _table[name].Default switch { int => _config.Whole(name, 0, int.MaxValue, int.MinValue), double => _config.Number(name, 0), bool => _config.Flag(name, false), string => _config.Text(name, ""), _ => (object?)null };
            _unread.Remove(name);
        }
    }

    /// <summary>What a constructor makes of the values of an option, which names the option where it refuses them.</summary>
    public T Of<T>(string names, Func<T> make)
    {
        try
        {
            return make();
        }
        catch (ArgumentException exception)
        {
            throw Refuse(names, $"can not be: {DiffusersOptions.Reason(exception)}");
        }
    }

    /// <summary>Refuses the value of an option.</summary>
    public NotSupportedException Refuse(string name, string why) => _config.Refuse($"{name} {why}");

    /// <summary>Refuses an option that says something and was not read.</summary>
    /// <exception cref="NotSupportedException">There is one; names it.</exception>
    public void Finish()
    {
        foreach (string name in _unread)
            if (_config.Has(name))
                throw Refuse(name, "is not supported");
    }

    private T Missing<T>(string name)
    {
        _unread.Remove(name);
        return (T)_table[name].Default!;
    }
}
