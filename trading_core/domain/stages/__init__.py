"""What every trade has, whatever forms its price: stages from which a declaration chooses, with acts and what events mean."""
